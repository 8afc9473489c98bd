//! Lost, doubled, out of order: what one connection has of another's messages.

/// What one connection has of one sender's messages, which are numbered from 0.
#[derive(Debug, Default, Clone)]
pub(super) struct Heard {
    /// All before it came, but for those that are missing.
    next: u32,
    missing: Vec<u32>,
}

/// What a message was to its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// News, in its place.
    InOrder,
    /// News, but a later one was here before it.
    Late,
    /// No news.
    Doubled,
}

impl Heard {
    pub(super) fn take(&mut self, number: u32) -> Arrival {
        if number >= self.next {
            self.missing.extend(self.next..number);
            self.next = number.saturating_add(1);
            return Arrival::InOrder;
        }
        match self.missing.iter().position(|missing| *missing == number) {
            Some(place) => {
                self.missing.swap_remove(place);
                Arrival::Late
            }
            None => Arrival::Doubled,
        }
    }

    /// How many of the first `said` never came, of those that `counts`.
    pub(super) fn lost(&self, said: u32, counts: impl Fn(u32) -> bool) -> u64 {
        let missing = self.missing.iter().copied().filter(|number| *number < said);
        missing.chain(self.next..said).filter(|number| counts(*number)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_arrive() {
        let mut heard = Heard::default();
        assert_eq!(heard.take(0), Arrival::InOrder);
        assert_eq!(heard.take(0), Arrival::Doubled);
        assert_eq!(heard.take(3), Arrival::InOrder);
        assert_eq!(heard.lost(6, |_| true), 4, "1, 2, 4 and 5");
        assert_eq!(heard.take(1), Arrival::Late);
        assert_eq!(heard.take(1), Arrival::Doubled);
        assert_eq!(heard.lost(6, |number| number != 5), 2, "2 and 4; 5 was never acknowledged");
        assert_eq!(heard.lost(2, |_| true), 0);
    }
}
