//! Rules and macros.

use crate::{
    ErrorCode::{Conflict, Forbidden, Invalid, Overloaded, RateLimited, WrongStatus},
    MacroId, RuleId, SessionId,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post, put},
    },
    rest::{
        EditMacro, EditRule, Macro, MacroPreview, MacroRun, Page, PreviewMacro, Rule, RuleOrder, RuleTrial,
        RunMacro, TryRule,
    },
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Rules and macros",
        about: "A rule looks at what happens to a chat and does something about it, as part of the same change: what set it \
                off and what it did are stored together, or neither is. A macro is several actions that an agent runs in \
                one: all of them happen, or none.",
        operations: vec![
            get("/rules", "listRules", "List the rules, in their order").by(Who::Team).lists::<Rule>(),
            post("/rules", "createRule", "Make a rule")
                .by(Who::Leads)
                .takes::<EditRule>()
                .requires(&["name", "on", "actions"])
                .makes::<Rule>()
                .refuses(&[Conflict]),
            of_rule(get("/rules/{rule}", "getRule", "Read a rule")).by(Who::Team).answers::<Rule>(),
            of_rule(patch("/rules/{rule}", "updateRule", "Change a rule"))
                .takes::<EditRule>()
                .answers::<Rule>()
                .refuses(&[Conflict]),
            of_rule(delete("/rules/{rule}", "deleteRule", "Delete a rule")).done(),
            put("/rules/order", "orderRules", "Put the rules in order")
                .by(Who::Leads)
                .takes::<RuleOrder>()
                .answers::<Page<Rule>>(),
            post("/rules/try", "tryRule", "See what a rule would do")
                .note("To a chat as it is now, without doing it.")
                .by(Who::Leads)
                .takes::<TryRule>()
                .answers::<RuleTrial>(),
            get("/macros", "listMacros", "List everybody's macros and one's own")
                .by(Who::Team)
                .lists::<Macro>(),
            post("/macros", "createMacro", "Make a macro")
                .by(Who::Team)
                .takes::<EditMacro>()
                .requires(&["name", "actions"])
                .makes::<Macro>()
                .refuses(&[Conflict, Forbidden]),
            of_macro(get("/macros/{macro}", "getMacro", "Read a macro")).answers::<Macro>(),
            of_macro(patch("/macros/{macro}", "updateMacro", "Change a macro"))
                .takes::<EditMacro>()
                .answers::<Macro>()
                .refuses(&[Conflict, Forbidden]),
            of_macro(delete("/macros/{macro}", "deleteMacro", "Delete a macro")).done().refuses(&[Forbidden]),
            of_macro(post("/sessions/{id}/macros/{macro}", "runMacro", "Run a macro"))
                .note("If one of its actions cannot be done, none is. A blank that is not filled in is refused as `blanks.NAME`.")
                .path::<SessionId>("id", "The chat.")
                .takes::<RunMacro>()
                .answers::<MacroRun>()
                .refuses(&[Forbidden, Invalid, Overloaded, RateLimited, WrongStatus]),
            of_macro(post(
                "/sessions/{id}/macros/{macro}/preview",
                "previewMacro",
                "See what a macro would do and say",
            ))
            .note("In this chat as it is now, without doing it; and which blanks it asks for.")
            .path::<SessionId>("id", "The chat.")
            .takes::<PreviewMacro>()
            .answers::<MacroPreview>(),
        ],
    }
}

fn of_rule(operation: Operation) -> Operation {
    operation.by(Who::Leads).path::<RuleId>("rule", "The rule.")
}

fn of_macro(operation: Operation) -> Operation {
    operation.by(Who::Team).path::<MacroId>("macro", "The macro.")
}
