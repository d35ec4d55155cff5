//! What nono 0.81.0 grants whatever its profile says, from its own `policy.json`.

use tappass_ir::vocabulary::Platform;

/// Groups whose grants can be taken away, and are.
pub(super) const EXCLUDED: &[&str] = &[
    "dangerous_commands",
    "dangerous_commands_linux",
    "dangerous_commands_macos",
    "homebrew_linux",
    "homebrew_macos",
    "system_write_linux",
    "system_write_macos",
    "user_tools",
];

/// Trees that stay readable: the group `system_read_linux_core`, whose `/proc/self` is that of every
/// process inside.
const LINUX: &[&str] = &[
    "/bin",
    "/dev/console",
    "/dev/fd",
    "/dev/full",
    "/dev/null",
    "/dev/pts",
    "/dev/random",
    "/dev/stderr",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/tty",
    "/dev/urandom",
    "/dev/zero",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/fonts",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/locale.conf",
    "/etc/locale.gen",
    "/etc/localtime",
    "/etc/man_db.conf",
    "/etc/manpath.config",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/terminfo",
    "/etc/timezone",
    "/lib",
    "/lib64",
    "/proc",
    "/run/systemd/resolve",
    "/run/systemd/userdb",
    "/sbin",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/sbin",
    "/usr/share",
    "/var/cache/man",
    "/var/lib/ca-certificates",
];

/// Trees that stay readable: the group `system_read_macos`.
const MACOS: &[&str] = &[
    "/Applications",
    "/Library",
    "/System/Cryptexes",
    "/System/Library",
    "/System/Volumes",
    "/bin",
    "/cores",
    "/dev",
    "/etc",
    "/nix",
    "/opt",
    "/private",
    "/run",
    "/sbin",
    "/tmp",
    "/usr/bin",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/sbin",
    "/usr/share",
    "/var",
];

/// Devices that every program writes to, and that the excluded groups would have granted.
pub(super) const DEVICES: &[&str] = &["/dev/full", "/dev/null", "/dev/tty", "/dev/zero"];

pub(super) fn readable(platform: Platform) -> &'static [&'static str] {
    match platform {
        // The tool has no Windows form; the model of a profile for it claims nothing.
        Platform::Linux | Platform::Windows => LINUX,
        Platform::Macos => MACOS,
    }
}
