//! What the variables of a text stand for in a session.

use std::collections::BTreeMap;

use persistence::Session;
use protocol::{AgentRef, TemplateVariable as Known, Variable};

/// What a text is filled in with beyond the session itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filling {
    /// The name of the session's site.
    pub site: Option<String>,
    /// The signature of the agent who says it.
    pub signature: Option<String>,
    /// What stands in the blanks, by their names.
    pub blanks: BTreeMap<String, String>,
}

impl Filling {
    /// What a variable stands for, in words of `agent`; none if that is not known.
    pub fn value(&self, variable: &Variable, session: &Session, agent: Option<&AgentRef>) -> Option<String> {
        let contact = &session.contact;
        match variable {
            Variable::Known(Known::ContactName) => contact.name.clone(),
            Variable::Known(Known::ContactFirstName) => contact.name.as_deref().map(first_word),
            Variable::Known(Known::ContactEmail) => contact.email.clone(),
            Variable::Known(Known::ContactPhone) => contact.phone.clone(),
            Variable::Known(Known::AgentName) => agent.map(|agent| agent.name.clone()),
            Variable::Known(Known::AgentFirstName) => agent.map(|agent| first_word(&agent.name)),
            Variable::Known(Known::AgentSignature) => self.signature.clone(),
            // Before the store gave it one, it has none.
            Variable::Known(Known::SessionNumber) => (session.number > 0).then(|| session.number.to_string()),
            Variable::Known(Known::SessionSubject) => session.ticket.subject.clone(),
            Variable::Known(Known::SiteName) => self.site.clone(),
            Variable::Attribute(name) => session.ticket.work.attributes.get(name).cloned(),
        }
    }
}

/// The part of a name by which people are addressed.
pub fn first_word(name: &str) -> String {
    name.split_whitespace().next().unwrap_or_default().to_owned()
}
