//! The machine itself.

use std::{fs, time::Duration};

use super::stat::TICK;
use crate::report::Machine;

/// The machine that this runs on; what cannot be read is left empty.
pub fn machine() -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cores = read("/proc/stat").lines().filter(|line| is_core(line)).count();
    Machine {
        cpu: value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        cores: cores.try_into().unwrap_or(u32::MAX),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        memory_mib: memory_kib(&read("/proc/meminfo")).unwrap_or_default() / 1024,
    }
}

/// CPU that everybody on this machine used since it started: user and system, interrupts too, but neither waiting
/// nor what a hypervisor gave to other machines. `None` where it cannot be read.
pub fn busy() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let all = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = all.split_ascii_whitespace().map_while(|word| word.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, …; guests are within user.
    let [user, nice, system, _, _, irq, softirq, ..] = ticks.as_slice() else { return None };
    let ticks = user + nice + system + irq + softirq;
    Some(Duration::from_millis(ticks * u64::try_from(TICK.as_millis()).ok()?))
}

fn is_core(line: &str) -> bool {
    line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The first `name : value`.
fn value(text: &str, name: &str) -> Option<String> {
    let (_, value) =
        text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}

fn memory_kib(meminfo: &str) -> Option<u64> {
    value(meminfo, "MemTotal")?.strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_described() {
        let machine = machine();
        assert!(!machine.cpu.is_empty() && !machine.kernel.is_empty(), "{machine:?}");
        assert!(machine.cores >= 1 && machine.memory_mib > 16, "{machine:?}");
        assert!(busy() > Some(Duration::ZERO));
    }
}
