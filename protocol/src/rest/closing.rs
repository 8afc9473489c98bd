//! What happens to chats by the clock, as admins set it: who is reminded of what, and when a chat ends by itself.

use serde::{Deserialize, Serialize};

use crate::{FieldError, limits, optional_line};

/// Who is reminded of what; what is null is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReminderSettings {
    /// Supervisors, of a chat that nobody has taken for so long.
    #[cfg_attr(test, schemars(range(min = *limits::REMINDER_SECONDS.start(), max = *limits::REMINDER_SECONDS.end())))]
    pub unassigned_after_s: Option<u32>,
    /// The holder, of a chat that is not resolved after so long.
    #[cfg_attr(test, schemars(range(min = *limits::REMINDER_SECONDS.start(), max = *limits::REMINDER_SECONDS.end())))]
    pub unresolved_after_s: Option<u32>,
}

impl Default for ReminderSettings {
    fn default() -> Self {
        Self { unassigned_after_s: Some(30 * 60), unresolved_after_s: Some(24 * 3600) }
    }
}

impl ReminderSettings {
    /// The same, or every fault by the name of its field.
    ///
    /// # Errors
    /// The faults: a time that is too short or too long.
    pub fn checked(self) -> Result<Self, Vec<FieldError>> {
        let faults = within(
            &[
                ("unassigned_after_s", self.unassigned_after_s),
                ("unresolved_after_s", self.unresolved_after_s),
            ],
            &limits::REMINDER_SECONDS,
        );
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }
}

/// When chats end, and what the customer reads then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ClosingSettings {
    /// A chat ends when the team spoke last and the customer has not answered for so long; null: never.
    #[cfg_attr(test, schemars(range(min = *limits::CLOSING_SECONDS.start(), max = *limits::CLOSING_SECONDS.end())))]
    pub inactive_after_s: Option<u32>,
    /// So long before that the customer is told; 0: not at all.
    pub warn_before_s: u32,
    /// What the customer is told then. `{minutes}` stands for the minutes that are left.
    #[cfg_attr(test, schemars(length(max = limits::CLOSING_TEXT_CHARS)))]
    pub warning_text: String,
    /// What the customer reads when the chat ends by itself, or by a word; empty: nothing.
    #[cfg_attr(test, schemars(length(max = limits::CLOSING_TEXT_CHARS)))]
    pub closing_text: String,
    /// A chat that is in progress is resolved when the team spoke last and the customer has not answered for so long;
    /// null: never.
    #[cfg_attr(test, schemars(range(min = *limits::CLOSING_SECONDS.start(), max = *limits::CLOSING_SECONDS.end())))]
    pub resolve_after_s: Option<u32>,
    /// What is resolved can be re-opened by a message for so long, and is closed then; null: it stays.
    #[cfg_attr(test, schemars(range(min = *limits::CLOSING_SECONDS.start(), max = *limits::CLOSING_SECONDS.end())))]
    pub reopen_window_s: Option<u32>,
    /// A customer's message that is just one of these ends the chat, on channels without buttons.
    #[cfg_attr(test, schemars(length(max = limits::COMMANDS), inner(length(min = 1, max = limits::COMMAND_CHARS))))]
    pub commands: Vec<String>,
}

impl Default for ClosingSettings {
    fn default() -> Self {
        Self {
            inactive_after_s: Some(30 * 60),
            warn_before_s: 5 * 60,
            warning_text: "This chat will end in {minutes} minutes unless you write.".to_owned(),
            closing_text: "This chat has ended. Write at any time to begin a new one.".to_owned(),
            resolve_after_s: None,
            reopen_window_s: Some(3 * 24 * 3600),
            commands: ["end chat", "close", "done", "quit chat", "exit"].map(str::to_owned).into(),
        }
    }
}

impl ClosingSettings {
    /// The same with its texts trimmed, or every fault by the name of its field.
    ///
    /// # Errors
    /// The faults: a limit passed, a word named twice, a warning that would come before the team spoke.
    pub fn checked(mut self) -> Result<Self, Vec<FieldError>> {
        let Self { inactive_after_s, warn_before_s, resolve_after_s, reopen_window_s, .. } = self;
        let times = [
            ("inactive_after_s", inactive_after_s),
            ("resolve_after_s", resolve_after_s),
            ("reopen_window_s", reopen_window_s),
        ];
        let mut faults = within(&times, &limits::CLOSING_SECONDS);
        let mut fault = |field: &str, message: String| {
            faults.push(FieldError { field: field.to_owned(), message });
        };
        if let Some(after) = inactive_after_s
            && warn_before_s >= after
        {
            fault("warn_before_s", format!("must be under inactive_after_s, {after} seconds"));
        }
        for (field, text) in
            [("warning_text", &mut self.warning_text), ("closing_text", &mut self.closing_text)]
        {
            match optional_line(Some(text), limits::CLOSING_TEXT_CHARS) {
                Ok(trimmed) => *text = trimmed.unwrap_or_default(),
                Err(invalid) => fault(field, invalid.0),
            }
        }
        if self.warning_text.is_empty() && warn_before_s > 0 {
            fault("warning_text", "is missing".to_owned());
        }
        let commands = &mut self.commands;
        if commands.len() > limits::COMMANDS {
            fault("commands", format!("has {} entries; the limit is {}", commands.len(), limits::COMMANDS));
            return Err(faults);
        }
        for (at, command) in commands.iter_mut().enumerate() {
            match optional_line(Some(command), limits::COMMAND_CHARS) {
                Ok(Some(trimmed)) if !plain(&trimmed).is_empty() => *command = plain(&trimmed),
                Ok(_) => fault(&format!("commands[{at}]"), "is empty".to_owned()),
                Err(invalid) => fault(&format!("commands[{at}]"), invalid.0),
            }
        }
        if commands.iter().enumerate().any(|(at, command)| commands[..at].contains(command)) {
            fault("commands", "names one twice".to_owned());
        }
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    /// Whether a customer's message is one of the words that end a chat, however it is written.
    pub fn is_command(&self, body: &str) -> bool {
        // Most messages are longer than any command, and are not looked at more closely.
        if body.len() > 8 * limits::COMMAND_CHARS {
            return false;
        }
        let said = plain(body);
        self.commands.contains(&said)
    }
}

/// Without what surrounds the words, in small letters.
fn plain(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？');
    let words = text.trim().trim_end_matches(ends).split_whitespace();
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

fn within(times: &[(&str, Option<u32>)], allowed: &std::ops::RangeInclusive<u32>) -> Vec<FieldError> {
    let wrong =
        times.iter().filter(|(_, seconds)| seconds.is_some_and(|seconds| !allowed.contains(&seconds)));
    let message = format!("must be from {} to {} seconds, or null", allowed.start(), allowed.end());
    wrong.map(|(field, _)| FieldError { field: (*field).to_owned(), message: message.clone() }).collect()
}
