//! Sizes and rates that the wire promises (contract §5). Defaults: the server's settings may say otherwise.

use std::{num::NonZeroU32, time::Duration};

/// Characters of a message, after trimming.
pub const MESSAGE_CHARS: usize = 8_000;
/// Characters of the preview of a message in lists.
pub const PREVIEW_CHARS: usize = 140;
/// Characters of a name.
pub const NAME_CHARS: usize = 100;
/// Characters of an e-mail address (RFC 5321 §4.5.3.1).
pub const EMAIL_CHARS: usize = 254;
/// Characters of a page's URL or title, of a referrer, and of one extra field's value.
pub const PAGE_CHARS: usize = 2_000;
/// Pages of a visitor that a session keeps, the newest.
pub const PAGES: u32 = 20;
/// Page changes that a customer's session takes a minute.
pub const PAGES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).unwrap();
/// Extra fields of a start.
pub const FIELDS: usize = 20;
/// Characters of an extra field's name.
pub const FIELD_NAME_CHARS: usize = 50;
/// Characters of a rating's comment.
pub const COMMENT_CHARS: usize = 2_000;
/// How long its author can change or take away what they wrote.
pub const AMEND_TIME: Duration = Duration::from_secs(15 * 60);
/// How long a rating can be changed after it was first given.
pub const RATING_TIME: Duration = Duration::from_secs(24 * 60 * 60);
/// Agents whom one note can name.
pub const MENTIONS: usize = 20;
/// Notifications kept of each agent, the newest.
pub const NOTIFICATIONS: u32 = 500;
/// Characters of a site's key.
pub const SITE_KEY_CHARS: usize = 50;
/// Characters of a session's subject.
pub const SUBJECT_CHARS: usize = 200;
/// Characters of a session's category.
pub const CATEGORY_CHARS: usize = 60;
/// Tags of a session.
pub const TAGS: usize = 20;
/// Characters of a tag.
pub const TAG_CHARS: usize = 40;
/// Custom attributes of a session.
pub const ATTRIBUTES: usize = 50;
/// Characters of an attribute's name.
pub const ATTRIBUTE_NAME_CHARS: usize = 50;
/// Characters of an attribute's value.
pub const ATTRIBUTE_CHARS: usize = 500;
/// What a page may say of its visitor: attributes.
pub const CLAIMS: usize = 20;
/// Characters of a contact's account status.
pub const ACCOUNT_STATUS_CHARS: usize = 60;
/// Characters of a site's own id of a contact.
pub const EXTERNAL_ID_CHARS: usize = 200;
/// Attributes that are defined, of contacts and of sessions together.
pub const ATTRIBUTE_DEFINITIONS: usize = 100;
/// Characters of an attribute's label, and of one of its choices.
pub const ATTRIBUTE_LABEL_CHARS: usize = 60;
/// Characters of what an attribute is for.
pub const ATTRIBUTE_ABOUT_CHARS: usize = 300;
/// Choices of an attribute.
pub const ATTRIBUTE_CHOICES: usize = 50;
/// Until when a contact is blocked whose block has no end: 9999-01-01.
pub const FOREVER: crate::UtcMillis = crate::UtcMillis::new(253_370_764_800_000);
/// Characters of the reason for which a contact is blocked.
pub const BLOCK_REASON_CHARS: usize = 300;
/// Contacts that can be merged into one.
pub const MERGED_CONTACTS: usize = 20;
/// Sessions of a contact that can be merged into another one.
pub const MERGED_SESSIONS: u32 = 500;
/// What is remembered of what was done to a contact, the newest.
pub const CONTACT_LOG: u32 = 100;
/// Characters of what contacts are searched by.
pub const CONTACT_QUERY_CHARS: usize = 100;
/// Contacts that a list counts; beyond it, it says this number.
pub const CONTACTS_COUNTED: u32 = 10_000;
/// Other chats of a customer, and ratings, that a session's context names, of each.
pub const CONTEXT_SESSIONS: u32 = 5;
/// Sessions that can be merged into one.
pub const MERGED: usize = 20;
/// How long a merge can be undone.
pub const UNMERGE: Duration = Duration::from_secs(24 * 60 * 60);
/// Sessions of one job that changes many.
pub const BULK: u32 = 1_000;
/// Jobs of one agent that go on at once.
pub const BULK_JOBS: i64 = 2;
/// Failures that a job tells of.
pub const BULK_ERRORS: usize = 20;
/// How far ahead a session can be put aside.
pub const SNOOZE: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// Characters of a password.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=200;
/// Members of the team; beyond it none can be invited.
pub const AGENTS: usize = 1_000;
/// Chats that an agent may be given at a time, at most; and unless somebody says otherwise.
pub const MAX_CHATS: std::ops::RangeInclusive<u32> = 0..=100;
/// As [`MAX_CHATS`].
pub const MAX_CHATS_DEFAULT: u32 = 5;
/// Languages of an agent.
pub const LANGUAGES: usize = 20;
/// Characters of a language's tag (BCP 47 asks for room for 35: RFC 5646 §4.4.1).
pub const LANGUAGE_CHARS: usize = 35;
/// Characters of an agent's signature.
pub const SIGNATURE_CHARS: usize = 500;
/// Characters of the address of an agent's picture.
pub const AVATAR_URL_CHARS: usize = 500;
/// Skills of an agent.
pub const AGENT_SKILLS: usize = 50;
/// How well an agent has a skill.
pub const SKILL_LEVELS: std::ops::RangeInclusive<u8> = 1..=5;
/// Teams, and skills, of a workspace.
pub const GROUPS: usize = 200;
/// Characters of a team's or a skill's name.
pub const GROUP_NAME_CHARS: usize = 60;
/// Members of a team.
pub const TEAM_MEMBERS: usize = 200;
/// Canned answers of a workspace.
pub const CANNED: usize = 2_000;
/// Canned answers of one agent, for nobody else.
pub const CANNED_PERSONAL: usize = 200;
/// Characters of a canned answer's shortcut.
pub const SHORTCUT_CHARS: usize = 40;
/// Characters of a canned answer's title.
pub const CANNED_TITLE_CHARS: usize = 100;
/// Bytes of a file of canned answers.
pub const CANNED_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Faults of such a file that are told.
pub const CANNED_FAULTS: usize = 20;
/// Blanks of a text that is filled in.
pub const BLANKS: usize = 20;
/// Characters of a blank's name.
pub const BLANK_CHARS: usize = 60;
/// Characters of what is filled into a blank.
pub const BLANK_VALUE_CHARS: usize = 500;
/// Characters of what a list is searched for.
pub const SEARCH_CHARS: usize = 100;
/// Characters of what a browser says that it is, as far as a login keeps it.
pub const LOGIN_LABEL_CHARS: usize = 200;
/// Logins that a list of them shows, the last used first.
pub const LOGINS_SHOWN: u32 = 200;
/// Bytes of one WebSocket frame, both ways of a client's frames.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Bytes of a request's head.
pub const HEADER_BYTES: usize = 16 * 1024;
/// Bytes of a request's body.
pub const REQUEST_BYTES: usize = 256 * 1024;
/// How long a request's head may take to arrive.
pub const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a new WebSocket may take to say `hello`.
pub const HELLO_TIME: Duration = Duration::from_secs(10);
/// How often the server pings, and how often a client should.
pub const HEARTBEAT: Duration = Duration::from_secs(25);
/// A connection silent for this long is closed (4000).
pub const SILENCE: Duration = Duration::from_secs(60);
/// Somebody who typed is taken to have stopped after this long without a word.
pub const TYPING: Duration = Duration::from_secs(6);
/// The longest that a long-poll is held.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// How long a long-poll is held if it does not say.
pub const POLL_WAIT_DEFAULT: Duration = Duration::from_secs(25);
/// Items of a list, if the request does not say.
pub const PAGE_DEFAULT: u32 = 50;
/// Most items of a list.
pub const PAGE_MAX: u32 = 200;
/// Entries that `open` without a cursor answers.
pub const OPEN_ENTRIES: u32 = 50;
/// Sessions that one connection follows, or one request names.
pub const FOLLOWED: usize = 100;
/// Lists that one connection watches.
pub const WATCHED: usize = 120;
/// `session` frames per second, session and connection.
pub const SUMMARIES_PER_SECOND: u32 = 4;
/// Agents that an assignment's explanation names as skipped; the others are counted.
pub const SKIPPED_NAMED: usize = 20;
/// Skills that a session asks for.
pub const ASKED_SKILLS: usize = 10;
/// Seconds that an agent has to answer an offer; and unless somebody says otherwise.
pub const OFFER_SECONDS: std::ops::RangeInclusive<u32> = 5..=600;
/// As [`OFFER_SECONDS`].
pub const OFFER_SECONDS_DEFAULT: u32 = 30;
/// Offers of a session while it waits: after them nobody is asked any more, and whoever likes takes it by hand.
pub const OFFERS: u32 = 60;
/// After how many unanswered offers in a row an agent may be set away.
pub const UNANSWERED: std::ops::RangeInclusive<u32> = 1..=20;
/// Seconds after which a wait may be too long.
pub const MAX_WAIT_SECONDS: std::ops::RangeInclusive<u32> = 5..=86_400;
/// Sites, and teams, that routing has rules for.
pub const ROUTING_RULES: usize = 200;
/// Attachments of one message.
pub const ATTACHMENTS: usize = 10;
/// Bytes of a file.
pub const ATTACHMENT_BYTES: u64 = 20 * 1024 * 1024;
/// Bytes of a file's name; a longer one is cut.
pub const ATTACHMENT_NAME_BYTES: usize = 255;
/// How long a file waits for a message that names it; after it, it is thrown away.
pub const ATTACHMENT_WAITS: Duration = Duration::from_secs(24 * 60 * 60);
/// A message must name a file within this, so that the two never race.
pub const ATTACHMENT_FRESH: Duration = Duration::from_secs(23 * 60 * 60);
/// How many times the largest file the files of all canned answers may be.
pub const CANNED_FILES: u64 = 100;
/// Pixels of a thumbnail, on its longer side.
pub const THUMBNAIL_PIXELS: u32 = 480;
/// Characters of a time zone's name.
pub const TIME_ZONE_CHARS: usize = 64;
/// Spans of opening hours in a day.
pub const SPANS_A_DAY: usize = 6;
/// Days that differ from the week.
pub const HOLIDAYS: usize = 200;
/// Characters of a holiday's name.
pub const HOLIDAY_NAME_CHARS: usize = 60;
/// Characters of the name of a service level.
pub const SLA_NAME_CHARS: usize = 60;
/// Priorities, sites, tags or escalations that a service level names, of each.
pub const SLA_SCOPE: usize = 50;
/// What a service level may promise: from a minute to ninety days.
pub const SLA_SECONDS: std::ops::RangeInclusive<u32> = 60..=90 * 24 * 3600;
/// Service levels of a workspace.
pub const SLA_POLICIES: usize = 50;
/// When somebody is reminded: from a minute to ninety days.
pub const REMINDER_SECONDS: std::ops::RangeInclusive<u32> = 60..=90 * 24 * 3600;
/// When a chat ends or is resolved by itself: from a minute to a year.
pub const CLOSING_SECONDS: std::ops::RangeInclusive<u32> = 60..=365 * 24 * 3600;
/// Characters of the texts that Hubbub itself sends.
pub const CLOSING_TEXT_CHARS: usize = 500;
/// Words with which customers end a chat.
pub const COMMANDS: usize = 20;
/// Characters of such a word.
pub const COMMAND_CHARS: usize = 40;
/// Stretches of time off the clock that are remembered of a session, each by itself.
pub const PAUSES: usize = 50;
/// Rules of a workspace.
pub const RULES: usize = 100;
/// Characters of the name of a rule or a macro.
pub const RULE_NAME_CHARS: usize = 60;
/// Conditions of a rule of which all must be so, and of which one must be.
pub const CONDITIONS: usize = 20;
/// Values of a condition.
pub const CONDITION_VALUES: usize = 50;
/// Characters of a condition's value.
pub const CONDITION_CHARS: usize = 200;
/// Actions of a rule or a macro.
pub const RULE_ACTIONS: usize = 10;
/// How often a rule does something to one session within an hour. What would go round in a circle ends here.
pub const RULE_RUNS: u32 = 20;
/// For how long a rule or a macro puts a session aside, in minutes.
pub const SNOOZE_MINUTES: std::ops::RangeInclusive<u32> = 1..=527_040;
/// Macros of everybody, and of each agent.
pub const MACROS: usize = 200;
/// Saved views of everybody, and of each agent.
pub const VIEWS: usize = 50;
/// Characters of a saved view's name.
pub const VIEW_NAME_CHARS: usize = 60;
/// Characters of what sessions are searched for.
pub const FIND_CHARS: usize = 200;
/// Words of it.
pub const FIND_WORDS: usize = 12;
