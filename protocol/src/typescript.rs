//! The TypeScript face of this crate, written to `web/src/protocol/types.ts` and checked against it.

use std::{fmt::Write as _, fs, path::Path};

use ts_rs::{Config, TS};

use crate::{rest::*, *};

fn declarations() -> String {
    let config = Config::new().with_large_int("number");
    let mut out = String::from(
        "// Generated from the crate `protocol` by `make types`; `cargo test -p protocol` fails when it drifts.\n\n",
    );
    macro_rules! declare {
        ($($type:ty),+ $(,)?) => {$(
            writeln!(out, "export {}\n", <$type>::decl(&config)).unwrap();
        )+};
    }
    // The generator cannot flatten what may be absent.
    let summary = SessionSummary::decl(&config);
    writeln!(out, "export {} & Partial<Ticket>;\n", summary.trim_end_matches(';')).unwrap();
    declare!(
        Entry,
        EntryKind,
        Sender,
        AgentRef,
        Attachment,
        Event,
        Status,
        Channel,
        Role,
        View,
        Priority,
        Availability,
        RoutingMode,
        RoutedBy,
        Because,
        OfferEnd,
        Pass,
        AskedSkill,
        TakenBecause,
        Offer,
        Passed,
        OfferState,
        SkillRef,
        Load,
        Routed,
        Chosen,
        Skipped,
        SkipReason,
        OfferEvent,
        PartyKind,
        Party,
        Presence,
        Receipt,
        You,
        ReadPositions,
        LastMessage,
        ContactSummary,
        Ticket,
        MergedInto,
        MergedSource,
        Rating,
        Notification,
        NotificationKind,
        Notifications,
        ReadNotifications,
        EditEntry,
        EntryVersion,
        SlaStanding,
        SlaDue,
        SlaState,
        SlaTarget,
        Reminder,
        ClientFrame,
        Follow,
        ClientInfo,
        ServerFrame,
        ErrorCode,
        FieldError,
        Problem,
        Page<Entry>,
        SiteConfig,
        Theme,
        PrechatField,
        PrechatName,
        StartSession,
        Identity,
        PageContext,
        SessionsPage,
        ListedSession,
        Match,
        MatchField,
        SnippetPart,
        SessionContext,
        Browser,
        SeenPage,
        SetPage,
        StartedSession,
        CustomerMe,
        SendMessage,
        Sent,
        SetTyping,
        SetRead,
        SetRating,
        PatchSession,
        AssignSession,
        MergeSession,
        NewBulk,
        BulkAction,
        Bulk,
        BulkState,
        BulkError,
        SetAvailability,
        StatusSince,
        Workload,
        TransferSession,
        QueuePlace,
        Settings,
        EditSettings,
        RoutingSettings,
        SiteRouting,
        TeamRouting,
        Fallback,
        SessionEvents,
        PollRequest,
        PollSession,
        PollView,
        PollAnswer,
        ListedView,
        Login,
        ChangePassword,
        AgentMe,
        LinkKind,
        WelcomeToken,
        Welcome,
        AcceptWelcome,
        ConfirmPassword,
        NewTotp,
        ConfirmTotp,
        RecoveryCodes,
        AgentLogin,
        Agent,
        TeamRef,
        AgentSkill,
        SetSkill,
        NewAgent,
        EditAgent,
        Link,
        InvitedAgent,
        Team,
        EditTeam,
        Skill,
        EditSkill,
        CannedScope,
        CannedAnswer,
        EditCanned,
        CannedCategory,
        RenderCanned,
        PreviewCanned,
        RenderedCanned,
        MissingPart,
        CannedFile,
        CannedRow,
        ImportedCanned,
        TemplateVariable,
        Site,
        EditSite,
        OpeningHours,
        Weekday,
        TimeSpan,
        Holiday,
        SlaPolicy,
        SlaScope,
        SlaTargets,
        SlaEscalation,
        ReminderSettings,
        ClosingSettings,
        Trigger,
        ConditionField,
        ConditionTest,
        Condition,
        RuleAction,
        RuleRef,
        MacroRef,
        SkippedAction,
        RuleBody,
        Rule,
        EditRule,
        RuleOrder,
        TryRule,
        RuleTrial,
        TriedAction,
        Macro,
        EditMacro,
        RunMacro,
        MacroRun,
    );
    for name in [
        "SessionId",
        "EntryId",
        "ContactId",
        "AgentId",
        "TeamId",
        "SkillId",
        "CannedId",
        "LoginId",
        "RuleId",
        "MacroId",
        "SiteId",
        "ConnectionId",
        "Epoch",
        "UtcMillis",
        "TimeOfDay",
        "LocalDate",
    ] {
        writeln!(out, "export type {name} = string;\n").unwrap();
    }
    writeln!(out, "export type Seq = number;\n").unwrap();
    writeln!(out, "export type JsonValue = unknown;\n").unwrap();
    writeln!(out, "export const SUBPROTOCOL = {SUBPROTOCOL:?};\n").unwrap();
    writeln!(out, "export const CLOSE = {{").unwrap();
    for code in CloseCode::ALL {
        writeln!(out, "\t{}: {},", code.reason().to_uppercase(), code.code()).unwrap();
    }
    writeln!(out, "}} as const;\n").unwrap();
    writeln!(out, "export const LIMITS = {{").unwrap();
    for (name, value) in [
        ("messageChars", limits::MESSAGE_CHARS),
        ("nameChars", limits::NAME_CHARS),
        ("emailChars", limits::EMAIL_CHARS),
        ("typingMs", limits::TYPING.as_millis() as usize),
        ("heartbeatMs", limits::HEARTBEAT.as_millis() as usize),
        ("pollWaitS", limits::POLL_WAIT_DEFAULT.as_secs() as usize),
        ("amendMs", limits::AMEND_TIME.as_millis() as usize),
        ("ratingMs", limits::RATING_TIME.as_millis() as usize),
        ("commentChars", limits::COMMENT_CHARS),
        ("mentions", limits::MENTIONS),
        ("shortcutChars", limits::SHORTCUT_CHARS),
        ("cannedTitleChars", limits::CANNED_TITLE_CHARS),
        ("categoryChars", limits::CATEGORY_CHARS),
        ("passwordCharsMin", *limits::PASSWORD_CHARS.start()),
    ] {
        writeln!(out, "\t{name}: {value},").unwrap();
    }
    writeln!(out, "}} as const;").unwrap();
    out
}

#[test]
fn web_types_are_those_of_this_crate() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/protocol/types.ts");
    let fresh = declarations();
    if std::env::var_os("HUBBUB_WRITE_TYPES").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &fresh).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "{} differs from the crate: run `make types`", path.display());
}
