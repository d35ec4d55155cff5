//! Two processes, so that nothing fails open.
//!
//! The child reads, decides and writes its answer with a token into a pipe. The parent passes an answer
//! on only if all of it came, with the token, before the deadline; else it denies in the harness's own
//! format. One process alone fails open when it is killed, overflows its stack or exits by mistake.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, setrlimit};

use crate::answer::Format;
use crate::verify::Verdict;

/// No harness sends more; what does is no tool call.
const LARGEST_CALL: u64 = 4 * 1024 * 1024;
/// What the child may use: the policy, the call, and their analysis many times over.
const MEMORY: u64 = 1024 * 1024 * 1024;
const TOKEN: usize = 16;

/// Runs `judge` on standard input in a child, and answers on standard output. The result is the exit
/// status: 0 with a whole answer, 2 where not even a refusal could be written.
pub fn run(format: Format, deadline: Duration, judge: impl FnOnce(&[u8]) -> Verdict) -> u8 {
    let end = Instant::now() + deadline;
    let answer = ask_child(format, end, judge).unwrap_or_else(|detail| {
        format.write(&Verdict::refused(format!(
            "the call could not be judged ({detail})"
        )))
    });
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(answer.as_bytes())
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush())
    {
        Ok(()) => 0,
        Err(error) => {
            // Nobody may be listening on standard error either; the status alone refuses.
            let _ = writeln!(
                std::io::stderr(),
                "tappass-agent: the answer cannot be written: {error}"
            );
            2
        }
    }
}

fn ask_child(
    format: Format,
    end: Instant,
    judge: impl FnOnce(&[u8]) -> Verdict,
) -> Result<String, String> {
    let token = token()?;
    let (read_end, write_end) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
        .map_err(|error| format!("no pipe: {error}"))?;
    match fork()? {
        None => {
            drop(read_end);
            child(format, &token, write_end, judge)
        }
        Some(child) => {
            drop(write_end);
            let answer = receive(read_end, &token, end);
            if answer.is_err() {
                // It may be gone already; what it would still say is no answer.
                let _ = kill_process(child, Signal::KILL);
            }
            answer
        }
    }
}

fn token() -> Result<[u8; TOKEN], String> {
    let mut token = [0; TOKEN];
    let mut random =
        std::fs::File::open("/dev/urandom").map_err(|error| format!("no randomness: {error}"))?;
    random
        .read_exact(&mut token)
        .map_err(|error| format!("no randomness: {error}"))?;
    Ok(token)
}

#[expect(unsafe_code, reason = "no safe function forks")]
fn fork() -> Result<Option<Pid>, String> {
    // SAFETY: the process has one thread, so the child owns consistent copies of every lock.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(format!(
            "no second process: {}",
            std::io::Error::last_os_error()
        )),
        0 => Ok(None),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Never returns to the caller's code: the child's only output is the pipe.
fn child(
    format: Format,
    token: &[u8; TOKEN],
    pipe: OwnedFd,
    judge: impl FnOnce(&[u8]) -> Verdict,
) -> ! {
    confine();
    let mut call = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(LARGEST_CALL + 1)
        .read_to_end(&mut call);
    let verdict = match read {
        Err(error) => Verdict::refused(format!("the tool call cannot be read: {error}")),
        Ok(_) if call.len() as u64 > LARGEST_CALL => {
            Verdict::refused("the tool call is larger than any is")
        }
        Ok(_) => judge(&call),
    };
    let answer = format.write(&verdict);
    let mut message = token.to_vec();
    message.extend_from_slice(answer.as_bytes());
    message.extend_from_slice(token);
    // A failed write leaves the parent without a whole answer, and so with a refusal.
    let sent = std::fs::File::from(pipe).write_all(&message);
    std::process::exit(i32::from(sent.is_err()));
}

/// Limits that hold should the child run wild. That one cannot be set is no reason to judge nothing.
fn confine() {
    let limit = |value| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    let _ = setrlimit(Resource::As, limit(MEMORY));
    let _ = setrlimit(Resource::Core, limit(0));
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

/// The child's answer, provided that all of it comes between two tokens before `end`.
fn receive(pipe: OwnedFd, token: &[u8; TOKEN], end: Instant) -> Result<String, String> {
    let mut message = Vec::new();
    let mut file = std::fs::File::from(pipe);
    let mut buffer = [0; 8192];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let wait = Timespec::try_from(left).map_err(|_| "no deadline".to_owned())?;
        let ready = poll(
            &mut [PollFd::new(&file.as_fd(), PollFlags::IN)],
            Some(&wait),
        )
        .map_err(|error| error.to_string())?;
        if ready == 0 {
            return Err("it took too long".to_owned());
        }
        match file.read(&mut buffer).map_err(|error| error.to_string())? {
            0 => break,
            count => message.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        }
    }
    let whole = message
        .strip_prefix(token.as_slice())
        .and_then(|rest| rest.strip_suffix(token.as_slice()));
    let answer = whole.ok_or("the judging process broke off")?;
    String::from_utf8(answer.to_vec())
        .map_err(|_| "the judging process answered nonsense".to_owned())
}
