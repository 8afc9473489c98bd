//! Judges a history by the promises of the contract (§1), as Jepsen's checkers do.
//!
//! Pure: a history and the logs at the end go in, a verdict comes out. Nothing is believed because the
//! server said so twice; what one reader was told is held against what every other was told, and against
//! the log that was left in the end.

mod index;
mod order;
mod readers;
mod sends;

#[cfg(test)]
mod tests;

use crate::history::Evidence;

use index::Index;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $promise:literal, $words:literal;)+) => {
        /// What is checked. The order is that of the promises.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[$doc])* $name,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The promise that it belongs to; 0: none, it is about the run itself.
            pub const fn promise(self) -> u8 {
                match self { $(Self::$name => $promise),+ }
            }

            /// The rule in a few words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words),+ }
            }
        }
    };
}

rules! {
    /// Every acked send is in the log exactly once, at the acked place, with what was sent.
    AckedIsStored = 1, "what was acked is in the log, at its place, as sent";
    /// The log counts 1, 2, 3 … without gap or repeat.
    Gapless = 2, "logs count 1, 2, 3 … without a gap";
    /// Every reader has the same entry under the same seq, by every way of reading.
    SameForAll = 2, "all readers have the same entry under the same seq";
    /// What was sent after another send's ack stands after it.
    RealTime = 2, "sent after another's ack stands after it";
    /// What one sender sent in a row over one connection stands in that order.
    SenderOrder = 2, "a sender's row stands in its order";
    /// An id has one place, however often it was sent.
    OneSeqPerId = 3, "a send has one place, however often it was tried";
    /// A retry says that it is one, a first try does not.
    DuplicateFlag = 3, "retries are called duplicates, and only they";
    /// Nothing is in the log that nobody sent.
    NoPhantoms = 4, "nothing is in the log that nobody sent";
    /// Nothing was shown that is not in the log.
    SeenIsStored = 4, "nothing was shown that is not in the log";
    /// A reader's stream goes on after its cursor, strictly upwards.
    InOrder = 5, "streams rise from the cursor, nothing twice";
    /// No entry is missing where a connection was resumed.
    ResumedWhole = 5, "nothing is missing where a reader resumed";
    /// A cursor of this store is served, not reset.
    NoReset = 5, "no cursor of this store was reset";
    /// Customers see no notes.
    NotesHidden = 5, "customers see no notes";
    /// No entry is missing in the middle of a connection's stream.
    NothingSkipped = 6, "nothing is skipped within a connection";
    /// At the end every reader has all.
    Complete = 6, "at the end every reader has everything";
    /// A send is answered, by an ack or a refusal, while its connection stands.
    Answered = 8, "sends are answered in time";
    /// Nothing was refused for good.
    NoRefusals = 0, "nothing was refused for good";
    /// A run in which nothing happened proves nothing.
    SomethingHappened = 0, "there was something at stake";
}

/// How one rule fared.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How many cases were judged.
    pub checked: usize,
    /// The cases that break it, each as a sentence.
    pub breaches: Vec<String>,
}

/// The judgement of a run.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// One for each rule, in their order.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Nothing was broken.
    pub fn passed(&self) -> bool {
        self.findings.iter().all(|finding| finding.breaches.is_empty())
    }

    /// The rules that were broken.
    pub fn broken(&self) -> Vec<Rule> {
        self.findings
            .iter()
            .filter(|finding| !finding.breaches.is_empty())
            .map(|finding| finding.rule)
            .collect()
    }

    /// Fails with every breach, for tests.
    ///
    /// # Errors
    /// Something was broken.
    pub fn demand(&self) -> anyhow::Result<()> {
        let breaches = self.findings.iter().flat_map(|finding| {
            finding
                .breaches
                .iter()
                .map(|breach| format!("\n  promise {}, {:?}: {breach}", finding.rule.promise(), finding.rule))
        });
        let breaches: String = breaches.collect();
        anyhow::ensure!(breaches.is_empty(), "promises were broken:{breaches}");
        Ok(())
    }

    fn finding(&mut self, rule: Rule) -> &mut Finding {
        // `findings` holds all rules in their order, by `check`.
        &mut self.findings[rule as usize]
    }

    /// One more case judged; `breach` is asked for its words only if it is one.
    fn judge(&mut self, rule: Rule, holds: bool, breach: impl FnOnce() -> String) {
        let finding = self.finding(rule);
        finding.checked += 1;
        if !holds {
            finding.breaches.push(breach());
        }
    }
}

/// Judges a run.
pub fn check(evidence: &Evidence) -> Verdict {
    let findings = Rule::ALL.iter().map(|&rule| Finding { rule, checked: 0, breaches: Vec::new() }).collect();
    let mut verdict = Verdict { findings };
    let index = Index::new(evidence);
    sends::check(&index, &mut verdict);
    order::check(&index, &mut verdict);
    readers::check(&index, &mut verdict);
    verdict
}
