//! Rules and macros, as the team writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, Condition, EntryId, FieldError, MacroId, RuleAction, RuleId, Seq, SessionId, Trigger, UtcMillis,
    limits, optional_line,
};

/// GET and POST `/rules`, GET and PATCH `/rules/{id}`: what Hubbub does by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Rule {
    /// The rule.
    pub id: RuleId,
    /// What the team calls it.
    pub name: String,
    /// Whether it does anything.
    pub enabled: bool,
    /// When, to what, and what.
    #[serde(flatten)]
    pub does: RuleBody,
    /// When it was made.
    pub created_at: UtcMillis,
    /// When it was last changed.
    pub updated_at: UtcMillis,
}

/// When a rule looks at a session, which it fits, and what it does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct RuleBody {
    /// It looks when one of these happens.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub on: Vec<Trigger>,
    /// All of these must be so.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<Vec<Condition>>"), schemars(length(max = limits::CONDITIONS)))]
    pub all: Vec<Condition>,
    /// One of these must be so, if there are any.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<Vec<Condition>>"), schemars(length(max = limits::CONDITIONS)))]
    pub any: Vec<Condition>,
    /// What it does, in this order.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::RULE_ACTIONS)))]
    pub actions: Vec<RuleAction>,
}

impl RuleBody {
    /// The same with its texts trimmed. What it names by id is not looked up.
    ///
    /// # Errors
    /// Every fault, by the name of its field.
    pub fn checked(self, message_chars: usize) -> Result<Self, Vec<FieldError>> {
        let Self { mut on, all, any, actions } = self;
        let mut faults = Vec::new();
        on.sort_unstable_by_key(|trigger| *trigger as u8);
        on.dedup();
        if on.is_empty() {
            faults.push(FieldError { field: "on".to_owned(), message: "is missing".to_owned() });
        }
        let all = conditions("all", all, &mut faults);
        let any = conditions("any", any, &mut faults);
        let actions = checked_actions(actions, message_chars, &mut faults);
        for (nth, action) in actions.iter().enumerate() {
            if matches!(action, RuleAction::AssignMe) {
                let message = "assign_me is for macros: nobody runs a rule".to_owned();
                faults.push(FieldError { field: format!("actions[{nth}].type"), message });
            }
            if let Some(blank) = action.blanks().first() {
                let message = format!("has the blank {blank}, which nobody fills in here");
                faults.push(FieldError { field: format!("actions[{nth}].body"), message });
            }
        }
        if faults.is_empty() { Ok(Self { on, all, any, actions }) } else { Err(faults) }
    }
}

fn conditions(at: &str, given: Vec<Condition>, faults: &mut Vec<FieldError>) -> Vec<Condition> {
    if given.len() > limits::CONDITIONS {
        let message = format!("has {} entries; the limit is {}", given.len(), limits::CONDITIONS);
        faults.push(FieldError { field: at.to_owned(), message });
        return Vec::new();
    }
    let mut checked = Vec::with_capacity(given.len());
    for (nth, condition) in given.into_iter().enumerate() {
        match condition.checked(&format!("{at}[{nth}]")) {
            Ok(condition) => checked.push(condition),
            Err(found) => faults.extend(found),
        }
    }
    checked
}

fn checked_actions(
    given: Vec<RuleAction>,
    message_chars: usize,
    faults: &mut Vec<FieldError>,
) -> Vec<RuleAction> {
    let mut fault = |message: String| faults.push(FieldError { field: "actions".to_owned(), message });
    if given.is_empty() {
        fault("is missing".to_owned());
    }
    if given.len() > limits::RULE_ACTIONS {
        fault(format!("has {} entries; the limit is {}", given.len(), limits::RULE_ACTIONS));
        return Vec::new();
    }
    let mut checked = Vec::with_capacity(given.len());
    for (nth, action) in given.into_iter().enumerate() {
        match action.checked(&format!("actions[{nth}]"), message_chars) {
            Ok(action) => checked.push(action),
            Err(found) => faults.extend(found),
        }
    }
    checked
}

/// POST `/rules` and PATCH `/rules/{id}`: what is left out stays, or is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditRule {
    /// What the team calls it; no other rule's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::RULE_NAME_CHARS)))]
    pub name: Option<String>,
    /// Whether it does anything; a new one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// As in [`RuleBody`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub on: Option<Vec<Trigger>>,
    /// As in [`RuleBody`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::CONDITIONS)))]
    pub all: Option<Vec<Condition>>,
    /// As in [`RuleBody`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::CONDITIONS)))]
    pub any: Option<Vec<Condition>>,
    /// As in [`RuleBody`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::RULE_ACTIONS)))]
    pub actions: Option<Vec<RuleAction>>,
}

impl EditRule {
    /// The body after this edit.
    pub fn applied_to(&self, body: RuleBody) -> RuleBody {
        RuleBody {
            on: self.on.clone().unwrap_or(body.on),
            all: self.all.clone().unwrap_or(body.all),
            any: self.any.clone().unwrap_or(body.any),
            actions: self.actions.clone().unwrap_or(body.actions),
        }
    }
}

/// The name of a rule or a macro.
///
/// # Errors
/// It is empty or too long.
pub fn automation_name(name: &str) -> Result<String, crate::Invalid> {
    let name = optional_line(Some(name), limits::RULE_NAME_CHARS)?;
    name.ok_or_else(|| crate::Invalid("must not be empty".into()))
}

/// PUT `/rules/order`: all rules, in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RuleOrder {
    /// Every rule, once.
    #[cfg_attr(test, schemars(length(max = limits::RULES)))]
    pub rules: Vec<RuleId>,
}

/// POST `/rules/try`: what a rule would do to a session as it is now, without doing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct TryRule {
    /// Which session. Its last message by the customer is taken for the one that set the rule off.
    pub session_id: SessionId,
    /// The rule.
    #[serde(flatten)]
    pub does: RuleBody,
}

/// What came of trying a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RuleTrial {
    /// Whether it fits the session.
    pub fits: bool,
    /// Of each condition in `all`, whether it is so.
    pub all: Vec<bool>,
    /// Of each condition in `any`, whether it is so.
    pub any: Vec<bool>,
    /// What would become of each action.
    pub actions: Vec<TriedAction>,
}

/// What would become of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct TriedAction {
    /// Its type.
    pub action: String,
    /// Whether it would change something.
    pub changes: bool,
    /// Why it could not be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub refused: Option<String>,
    /// What a message or a note would say; a blank that is not filled in stands in it as `[name]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub says: Option<String>,
}

/// GET and POST `/macros`, GET and PATCH `/macros/{id}`: several actions in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Macro {
    /// The macro.
    pub id: MacroId,
    /// What it is called.
    pub name: String,
    /// Whose it is; null: everybody's.
    pub owner_id: Option<AgentId>,
    /// What it does, in this order.
    pub actions: Vec<RuleAction>,
    /// When it was made.
    pub created_at: UtcMillis,
    /// When it was last changed.
    pub updated_at: UtcMillis,
}

/// POST `/macros` and PATCH `/macros/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditMacro {
    /// What it is called; of everybody's, and of each agent's, no two have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::RULE_NAME_CHARS)))]
    pub name: Option<String>,
    /// Everybody's, and not its maker's alone. Supervisors and admins make those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// What it does, in this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::RULE_ACTIONS)))]
    pub actions: Option<Vec<RuleAction>>,
}

impl EditMacro {
    /// Its actions with their texts trimmed.
    ///
    /// # Errors
    /// Every fault, by the name of its field.
    pub fn checked_actions(
        actions: Vec<RuleAction>,
        message_chars: usize,
    ) -> Result<Vec<RuleAction>, Vec<FieldError>> {
        let mut faults = Vec::new();
        let actions = checked_actions(actions, message_chars, &mut faults);
        let blanks = blanks(&actions).len();
        if blanks > limits::BLANKS {
            let message = format!("have {blanks} blanks; the limit is {}", limits::BLANKS);
            faults.push(FieldError { field: "actions".to_owned(), message });
        }
        if faults.is_empty() { Ok(actions) } else { Err(faults) }
    }
}

/// The names of the blanks in the texts of these actions, each once, in their order.
pub fn blanks(actions: &[RuleAction]) -> Vec<String> {
    let mut names = Vec::new();
    for name in actions.iter().flat_map(RuleAction::blanks) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// POST `/sessions/{id}/macros/{macro}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RunMacro {
    /// Chosen by the client: the same again runs it no second time.
    pub id: EntryId,
    /// What stands in the blanks of its texts, by their names; all of them.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<BTreeMap<String, String>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::BLANKS)))]
    pub blanks: BTreeMap<String, String>,
}

/// POST `/sessions/{id}/macros/{macro}/preview`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PreviewMacro {
    /// What stands in the blanks, as far as it is known.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<BTreeMap<String, String>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::BLANKS)))]
    pub blanks: BTreeMap<String, String>,
}

/// What a macro would do to a session as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MacroPreview {
    /// What would become of each action. If one is refused, none is done.
    pub actions: Vec<TriedAction>,
    /// The names of the blanks to fill in, each once, in their order.
    pub blanks: Vec<String>,
}

/// The macro has run; everything that it does stands in the log, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MacroRun {
    /// Of the request.
    pub id: EntryId,
    /// Where the log says so; null: there was nothing to change.
    pub seq: Option<Seq>,
    /// It had run before, by an earlier try of the same request.
    pub duplicate: bool,
}
