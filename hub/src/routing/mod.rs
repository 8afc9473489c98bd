//! Who answers which session: the rules, pure. Values in, values out.
//!
//! No store, no clock, no channel: whoever asks brings the time, what waits and who could take it, and does what the
//! answer says. The same question always has the same answer.
//!
//! | module | answers |
//! | --- | --- |
//! | [`policy`] | which agent takes this session, and why |
//! | [`queue`] | who is next, which place somebody has, and what is given to whom when there is room |
//! | [`estimate`] | how long a wait may be, if that can be told |
//! | [`offers`] | whom to ask next, when agents may say no |
//! | [`availability`] | whether an agent can be given sessions, and until when that holds |

pub mod availability;
pub mod estimate;
pub mod offers;
pub mod policy;
pub mod queue;
