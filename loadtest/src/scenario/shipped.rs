//! The scenarios that come with the tool.

/// A scenario that comes with the tool.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// What it is called.
    pub name: &'static str,
    /// Its TOML.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped { name: $name, text: include_str!(concat!("../../scenarios/", $name, ".toml")) }),*]
    };
}

/// All of them, the everyday ones first.
pub const SHIPPED: &[Shipped] = shipped![
    "steady",
    "support-day",
    "saturate",
    "broadcast",
    "idle",
    "storm",
    "slow-readers",
    "spike",
    "soak",
];

pub(super) fn names() -> String {
    SHIPPED.iter().map(|shipped| shipped.name).collect::<Vec<_>>().join(", ")
}
