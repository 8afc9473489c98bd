//! Processes with all their descendants: CPU and memory.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Duration,
};

use super::stat::{self, Stat};

/// Pages are 4 KiB on every machine on which resident memory is asked for instead of PSS, or memory is overstated.
const PAGE_KIB: u64 = 4;

/// Process trees that are watched, from their roots down.
///
/// Whoever was once seen as a descendant stays one, also when its parent ended and it was given another.
#[derive(Debug)]
pub struct Processes {
    roots: Vec<u32>,
    members: HashMap<u32, Member>,
    /// CPU of those that ended without a living ancestor among the members.
    lost: Duration,
    shown: Option<Duration>,
}

/// Memory of processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// Proportional set size, in KiB: a page that several processes share counts once in all.
    pub kib: u64,
    /// Whether it is that of all of them. Otherwise it is the resident memory of those whose PSS may not be read, with
    /// shared pages counted for each.
    pub exact: bool,
}

#[derive(Debug)]
struct Member {
    stat: Stat,
    threads: Threads,
    /// What it had waited for when it was first seen.
    reaped_before: Duration,
    /// What descendants used that were seen since, and ended.
    left: Duration,
}

impl Processes {
    /// The trees from these roots. One that is not there costs nothing.
    pub fn of(pids: &[u32]) -> Self {
        let mut trees =
            Self { roots: pids.to_vec(), members: HashMap::new(), lost: Duration::ZERO, shown: None };
        trees.cpu();
        trees
    }

    /// User and system time so far; never less than before. Cheap enough for several times a second.
    pub fn cpu(&mut self) -> Duration {
        let all = stat::all();
        let found = self.living(&all);
        let mut before = std::mem::take(&mut self.members);
        for pid in found {
            let mut member = match before.remove(&pid) {
                Some(member) if member.stat.began == all[&pid].began => member,
                other => {
                    // The id is another's now.
                    before.extend(other.map(|ended| (pid, ended)));
                    Member::new(all[&pid])
                }
            };
            member.stat = all[&pid];
            member.threads.look(pid);
            self.members.insert(pid, member);
        }
        self.bury(&before);
        let now = self.members.values().map(Member::all).sum::<Duration>() + self.lost;
        *self.shown.insert(self.shown.map_or(now, |shown| shown.max(now)))
    }

    /// Their memory. The kernel walks every page for it: not to be asked for more than once in a few seconds.
    pub fn memory(&self) -> Memory {
        let mut memory = Memory { kib: 0, exact: true };
        for (pid, member) in &self.members {
            if let Some(kib) = pss_kib(*pid) {
                memory.kib += kib;
            } else if let Some(stat) = Stat::of(*pid).filter(|stat| stat.began == member.stat.began) {
                memory.kib += stat.resident_pages * PAGE_KIB;
                // The dead that nobody waited for have neither.
                memory.exact &= stat.resident_pages == 0;
            }
        }
        memory
    }

    /// Those that were there at the last look.
    pub fn pids(&self) -> Vec<u32> {
        let mut pids: Vec<u32> = self.members.keys().copied().collect();
        pids.sort_unstable();
        pids
    }

    /// Who belongs to the trees now.
    fn living(&self, all: &HashMap<u32, Stat>) -> Vec<u32> {
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for (pid, stat) in all {
            children.entry(stat.parent).or_default().push(*pid);
        }
        let same =
            |pid: &u32, member: &Member| all.get(pid).is_some_and(|stat| stat.began == member.stat.began);
        let known = self.members.iter().filter(|(pid, member)| same(pid, member)).map(|(pid, _)| *pid);
        // Later, the id of a root that ended may be another's.
        let roots = self.roots.iter().copied().filter(|pid| self.shown.is_none() && all.contains_key(pid));
        let mut found: Vec<u32> = known.chain(roots).collect();
        let mut seen: HashSet<u32> = found.iter().copied().collect();
        let mut next = 0;
        while let Some(pid) = found.get(next) {
            let new = children.remove(pid).unwrap_or_default();
            found.extend(new.into_iter().filter(|child| seen.insert(*child)));
            next += 1;
        }
        found
    }

    /// Keeps what those used who ended since the last look: with the nearest living ancestor, who counts it itself
    /// once it has waited for them.
    fn bury(&mut self, ended: &HashMap<u32, Member>) {
        for member in ended.values() {
            let mut heir = member.stat.parent;
            for _ in 0..ended.len() {
                let Some(above) = ended.get(&heir).filter(|_| !self.members.contains_key(&heir)) else {
                    break;
                };
                heir = above.stat.parent;
            }
            match self.members.get_mut(&heir) {
                Some(heir) => heir.left += member.all(),
                None => self.lost += member.all(),
            }
        }
    }
}

impl Member {
    fn new(stat: Stat) -> Self {
        Self { stat, threads: Threads::default(), reaped_before: stat.reaped, left: Duration::ZERO }
    }

    /// What it and its ended children used.
    fn all(&self) -> Duration {
        // Each of two says too little at times: `stat` rounds down, and threads come and go unseen; a process need not
        // wait for its children, and not all children were ever seen.
        self.stat.own.max(self.threads.sum) + self.stat.reaped.max(self.reaped_before + self.left)
    }
}

/// The same CPU as in [`Stat::own`] to the nanosecond, where the kernel counts it by thread.
#[derive(Debug, Clone, Default)]
struct Threads {
    seen: HashMap<u32, Duration>,
    sum: Duration,
}

impl Threads {
    fn look(&mut self, pid: u32) {
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else { return };
        let mut seen = HashMap::with_capacity(self.seen.len());
        for tid in entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()) {
            let Some(now) = on_cpu(pid, tid) else { continue };
            let before = self.seen.get(&tid).copied().unwrap_or_default();
            // Less than before: another thread has the id now.
            self.sum += now.checked_sub(before).unwrap_or(now);
            seen.insert(tid, now);
        }
        self.seen = seen;
    }
}

fn on_cpu(pid: u32, tid: u32) -> Option<Duration> {
    let line = fs::read_to_string(format!("/proc/{pid}/task/{tid}/schedstat")).ok()?;
    Some(Duration::from_nanos(line.split_ascii_whitespace().next()?.parse().ok()?))
}

fn pss_kib(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
