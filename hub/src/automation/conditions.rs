//! Whether a session is as a rule says.

use persistence::Session;
use protocol::{Condition, ConditionField as Field, ConditionTest as Test, rest::RuleBody};

/// What conditions look at.
pub(super) struct Facts<'a> {
    pub(super) session: &'a Session,
    /// The message that set the rule off.
    pub(super) message: Option<&'a str>,
    /// Whether the site is open.
    pub(super) open: bool,
}

impl Facts<'_> {
    pub(super) fn fit(&self, body: &RuleBody) -> bool {
        body.all.iter().all(|condition| self.meet(condition))
            && (body.any.is_empty() || body.any.iter().any(|condition| self.meet(condition)))
    }

    pub(super) fn meet(&self, condition: &Condition) -> bool {
        let Condition { field, name, test, values } = condition;
        let found = self.found(*field, name.as_deref());
        let one = |fits: fn(&str, &str) -> bool| {
            values.iter().any(|value| {
                let value = value.to_lowercase();
                found.iter().any(|found| fits(&found.to_lowercase(), &value))
            })
        };
        let same: fn(&str, &str) -> bool = match field {
            Field::Language => speaks,
            _ => |found, value| found.trim() == value,
        };
        match test {
            Test::Is => one(same),
            Test::IsNot => !one(same),
            Test::Contains => one(|found, value| found.contains(value)),
            Test::ContainsNot => !one(|found, value| found.contains(value)),
            Test::StartsWith => one(|found, value| found.trim_start().starts_with(value)),
            Test::IsSet => !found.is_empty(),
            Test::IsNotSet => found.is_empty(),
            Test::AtLeast => one(|found, value| number(found) >= number(value)),
            Test::AtMost => one(|found, value| number(found) <= number(value)),
        }
    }

    /// What there is of it: nothing, one text, or several.
    fn found(&self, field: Field, name: Option<&str>) -> Vec<String> {
        let session = self.session;
        let (ticket, work) = (&session.ticket, &session.ticket.work);
        let text = |text: Option<&str>| text.map(str::to_owned).into_iter().collect();
        let word = |yes: bool, yea: &str, nay: &str| vec![if yes { yea } else { nay }.to_owned()];
        match field {
            Field::Message => text(self.message),
            Field::Page => text(work.page.as_deref()),
            Field::Name => text(session.contact.name.as_deref()),
            Field::Email => text(session.contact.email.as_deref()),
            Field::Phone => text(session.contact.phone.as_deref()),
            Field::Verified => word(session.contact.verified, "yes", "no"),
            Field::Language => text(work.language.as_deref()),
            Field::Site => text(Some(&session.site_key)),
            Field::Channel => text(Some(session.channel.as_str())),
            Field::Hours => word(self.open, "open", "closed"),
            Field::Status => text(Some(session.status.as_str())),
            Field::Priority => text(Some(ticket.priority.as_str())),
            Field::Subject => text(ticket.subject.as_deref()),
            Field::Category => text(ticket.category.as_deref()),
            Field::Tag => ticket.tags.clone(),
            Field::Agent => session.assignee.iter().map(|agent| agent.id.to_string()).collect(),
            Field::Team => work.team.iter().map(|team| team.id.to_string()).collect(),
            Field::Attribute => text(name.and_then(|name| work.attributes.get(name)).map(String::as_str)),
            Field::Rating => session.rating.iter().map(|rating| rating.score.to_string()).collect(),
        }
    }
}

/// `en` is spoken by who asks for `en-gb`.
fn speaks(found: &str, value: &str) -> bool {
    found == value || found.strip_prefix(value).is_some_and(|rest| rest.starts_with('-'))
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}
