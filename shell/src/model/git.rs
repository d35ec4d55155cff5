//! The argument model of git: global options, the subcommand, its options.
//!
//! Global options are named `git:C` and so on, since `git -C` and `git commit -C` are not the same
//! option. Options that make git run a program are listed by [`programs`].

use std::collections::BTreeMap;

use tappass_ir::request::exec::{NormalForm, Word};

use crate::options::{self, Parsed, Table};
use crate::refusal::{Reason, Stop, stop};
use crate::word::literal;

const GLOBAL: &str = "C= c= git-dir= work-tree= namespace= super-prefix= config-env= exec-path? attr-source= p,paginate P,no-pager \
    no-replace-objects bare literal-pathspecs glob-pathspecs noglob-pathspecs icase-pathspecs no-optional-locks no-lazy-fetch \
    no-advice v,version h,help html-path man-path info-path list-cmds?";

const FETCH: &str = "all a,append atomic depth= deepen= shallow-since= shallow-exclude= unshallow update-shallow negotiation-tip= dry-run \
    porcelain f,force k,keep multiple p,prune P,prune-tags no-tags t,tags refmap= recurse-submodules? j,jobs= set-upstream \
    upload-pack= q,quiet v,verbose progress o,server-option= 4,ipv4 6,ipv6";

const MERGE: &str = "commit no-commit edit no-edit ff no-ff ff-only n,no-stat stat log? squash no-squash s,strategy= X,strategy-option= \
    S,gpg-sign? m,message= F,file= into-name= rerere-autoupdate autostash no-autostash allow-unrelated-histories no-verify \
    abort quit continue signoff cleanup= verify-signatures q,quiet v,verbose progress";

const PULL: &str = "r,rebase? all a,append depth= deepen= unshallow dry-run f,force k,keep p,prune t,tags no-tags recurse-submodules? j,jobs= \
    set-upstream upload-pack= o,server-option= 4,ipv4 6,ipv6 commit no-commit edit no-edit ff no-ff ff-only n,no-stat stat squash \
    s,strategy= X,strategy-option= S,gpg-sign? autostash no-autostash allow-unrelated-histories no-verify q,quiet v,verbose progress";

/// Subcommands with a table; the others have options matched as they are written.
const SUBCOMMANDS: &[(&str, &str)] = &[
    (
        "add",
        "n,dry-run v,verbose f,force i,interactive p,patch e,edit u,update A,all ignore-removal N,intent-to-add refresh \
        ignore-errors ignore-missing renormalize chmod= pathspec-from-file= pathspec-file-nul sparse",
    ),
    (
        "branch",
        "d,delete D create-reflog f,force m,move M c,copy C color? i,ignore-case omit-empty r,remotes a,all l,list show-current \
        v,verbose q,quiet abbrev? t,track? recurse-submodules set-upstream u,set-upstream-to= unset-upstream edit-description contains? \
        no-contains? merged? no-merged? sort= points-at= format=",
    ),
    (
        "checkout",
        "q,quiet progress f,force ours theirs b= B= t,track? guess l d,detach orphan= m,merge conflict= p,patch \
        ignore-skip-worktree-bits ignore-other-worktrees overwrite-ignore recurse-submodules? overlay pathspec-from-file= pathspec-file-nul",
    ),
    (
        "clean",
        "d f,force i,interactive n,dry-run q,quiet e,exclude= x X",
    ),
    (
        "clone",
        "l,local no-hardlinks s,shared reference= reference-if-able= dissociate q,quiet v,verbose progress server-option= \
        n,no-checkout bare mirror o,origin= b,branch= revision= u,upload-pack= template= c,config= depth= shallow-since= \
        shallow-exclude= single-branch tags recurse-submodules? recursive? shallow-submodules remote-submodules separate-git-dir= \
        j,jobs= sparse filter= 4,ipv4 6,ipv6",
    ),
    (
        "commit",
        "a,all p,patch C,reuse-message= c,reedit-message= fixup= squash= reset-author short branch porcelain long z,null F,file= \
        author= date= m,message= t,template= s,signoff trailer= n,no-verify allow-empty allow-empty-message cleanup= e,edit amend \
        no-post-rewrite i,include o,only pathspec-from-file= pathspec-file-nul u,untracked-files? v,verbose q,quiet dry-run status \
        S,gpg-sign?",
    ),
    ("fetch", FETCH),
    ("merge", MERGE),
    ("pull", PULL),
    (
        "push",
        "all branches prune mirror n,dry-run porcelain d,delete tags follow-tags signed? atomic o,push-option= receive-pack= exec= \
        f,force force-with-lease? force-if-includes repo= u,set-upstream thin q,quiet v,verbose progress recurse-submodules= \
        no-verify 4,ipv4 6,ipv6",
    ),
    (
        "rebase",
        "onto= keep-base continue skip abort quit edit-todo show-current-patch apply empty= i,interactive x,exec= root autosquash \
        autostash r,rebase-merges? f,force-rebase no-ff m,merge q,quiet v,verbose s,strategy= X,strategy-option= no-verify \
        S,gpg-sign? C= n,no-stat stat ignore-whitespace whitespace= signoff fork-point reschedule-failed-exec update-refs",
    ),
    (
        "reset",
        "q,quiet refresh pathspec-from-file= pathspec-file-nul mixed soft hard merge keep p,patch N,intent-to-add recurse-submodules?",
    ),
    (
        "restore",
        "s,source= p,patch W,worktree S,staged q,quiet progress ours theirs m,merge conflict= ignore-unmerged overlay \
        ignore-skip-worktree-bits recurse-submodules? pathspec-from-file= pathspec-file-nul",
    ),
    (
        "rm",
        "f,force n,dry-run r cached ignore-unmatch q,quiet sparse pathspec-from-file= pathspec-file-nul",
    ),
    (
        "switch",
        "c,create= C,force-create= d,detach guess f,force discard-changes m,merge conflict= q,quiet progress t,track? orphan= \
        ignore-other-worktrees recurse-submodules?",
    ),
    (
        "tag",
        "a,annotate s,sign u,local-user= f,force d,delete v,verify n? l,list sort= color? i,ignore-case omit-empty column? contains? \
        no-contains? merged? no-merged? points-at? m,message= F,file= e,edit cleanup= create-reflog format=",
    ),
];

pub(super) fn normal_form(arguments: &[Word]) -> NormalForm {
    let global = options::parse_leading(&Table::new(GLOBAL), arguments);
    let mut form = NormalForm {
        command: vec![Word::Literal("git".to_owned())],
        options: BTreeMap::new(),
        operands: Vec::new(),
        open: global.open,
    };
    match global.operands.split_first() {
        Some((Word::Literal(name), rest)) if !global.open => {
            let parsed = subcommand_options(name, rest);
            form.command.push(Word::Literal(name.clone()));
            form.open = parsed.open;
            form.options = parsed.options;
            form.operands = parsed.operands;
            if name == "push" {
                refspecs(&mut form);
            }
        }
        // Any word behind an unknown one may be the subcommand, so none is.
        Some(_) => {
            form.open = true;
            form.operands.push(Word::ManyUnknown);
            form.operands.extend(global.operands.iter().cloned());
        }
        None => {}
    }
    form.options.extend(
        global
            .options
            .into_iter()
            .map(|(name, values)| (format!("git:{name}"), values)),
    );
    form
}

fn subcommand_options(name: &str, rest: &[Word]) -> Parsed {
    let table = SUBCOMMANDS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, table)| table);
    options::parse(&Table::new(table), rest)
}

/// `push origin +main` forces and `push origin :main` deletes, as the options say in words.
fn refspecs(form: &mut NormalForm) {
    let starts = |sign: char| {
        form.operands
            .iter()
            .skip(1)
            .any(|word| literal(word).is_some_and(|text| text.starts_with(sign)))
    };
    let (forces, deletes) = (starts('+'), starts(':'));
    if forces {
        form.options.entry("force".to_owned()).or_default();
    }
    if deletes {
        form.options.entry("delete".to_owned()).or_default();
    }
}

/// What a git command runs besides git itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Text that git hands to a shell.
    Text(String),
    /// Further git arguments, from an alias.
    Git(Vec<Word>),
    /// An argv of its own.
    Argv(Vec<Word>),
}

/// The programs that options and settings of a git command run; a setting that is not known to be
/// harmless is refused.
pub(crate) fn programs(arguments: &[Word]) -> Result<Vec<Program>, Stop> {
    let global = options::parse_leading(&Table::new(GLOBAL), arguments);
    for name in ["config-env", "exec-path"] {
        if global
            .options
            .get(name)
            .is_some_and(|values| name == "config-env" || !values.is_empty())
        {
            return stop(Reason::GitConfiguration, format!("--{name}"));
        }
    }
    let mut programs = Vec::new();
    for setting in global.options.get("c").into_iter().flatten() {
        programs.extend(configured(setting, &global.operands)?);
    }
    match global.operands.split_first() {
        Some((Word::Literal(name), rest)) if !global.open => {
            programs.extend(of_subcommand(name, rest)?);
        }
        // It may be `-c`, and the setting behind it a program.
        Some(_) => return stop(Reason::DynamicCommand, "git"),
        None => {}
    }
    Ok(programs)
}

fn of_subcommand(name: &str, rest: &[Word]) -> Result<Vec<Program>, Stop> {
    let parsed = subcommand_options(name, rest);
    let mut programs = Vec::new();
    for (subcommand, option) in [
        ("rebase", "exec"),
        ("push", "exec"),
        ("push", "receive-pack"),
        ("fetch", "upload-pack"),
        ("pull", "upload-pack"),
        ("clone", "upload-pack"),
    ] {
        if name == subcommand {
            for value in parsed.options.get(option).into_iter().flatten() {
                programs.push(Program::Text(text(value)?));
            }
        }
    }
    if name == "clone" {
        for setting in parsed.options.get("config").into_iter().flatten() {
            programs.extend(configured(setting, &[])?);
        }
    }
    match name {
        "bisect" => programs.extend(behind("run", rest)),
        "submodule" => programs.extend(behind("foreach", rest)),
        "difftool" | "mergetool" | "filter-branch" | "ls-remote" | "archive" | "grep"
        | "send-email" | "instaweb" | "daemon" => risky(name, &parsed)?,
        "config" => settings(&parsed)?,
        _ => {}
    }
    let remote_helper = parsed
        .operands
        .iter()
        .filter_map(literal)
        .find(|word| word.starts_with("ext::"));
    match remote_helper {
        Some(url) => stop(Reason::GitConfiguration, url),
        None => Ok(programs),
    }
}

/// The program behind `git bisect run` and `git submodule foreach`: one word is shell text, several are an argv.
fn behind(verb: &str, rest: &[Word]) -> Option<Program> {
    let after = rest
        .iter()
        .skip_while(|word| literal(word) != Some(verb))
        .skip(1);
    let argv: Vec<Word> = after
        .skip_while(|word| literal(word).is_some_and(|text| text.starts_with('-')))
        .cloned()
        .collect();
    match argv.as_slice() {
        [] => None,
        [Word::Literal(text)] => Some(Program::Text(text.clone())),
        _ => Some(Program::Argv(argv)),
    }
}

/// Options of less used subcommands that name a program.
fn risky(name: &str, parsed: &Parsed) -> Result<(), Stop> {
    const RUN: &[&str] = &[
        "x",
        "extcmd",
        "upload-pack",
        "exec",
        "O",
        "open-files-in-pager",
        "tree-filter",
        "index-filter",
        "msg-filter",
        "env-filter",
        "parent-filter",
        "commit-filter",
        "tag-name-filter",
        "smtp-server",
        "sendmail-cmd",
        "to-cmd",
        "cc-cmd",
        "httpd",
        "access-hook",
    ];
    let runs = parsed.options.keys().any(|option| {
        RUN.iter().any(|known| {
            known == option || (option.len() > 3 && known.starts_with(option.as_str()))
        })
    });
    if runs {
        stop(Reason::GitConfiguration, format!("git {name}"))
    } else {
        Ok(())
    }
}

/// `git config KEY VALUE` stores what `-c KEY=VALUE` sets.
fn settings(parsed: &Parsed) -> Result<(), Stop> {
    let written = parsed
        .operands
        .iter()
        .filter(|word| !matches!(literal(word), Some("set" | "get" | "list" | "unset")))
        .collect::<Vec<_>>();
    let reads = [
        "get",
        "get-all",
        "get-regexp",
        "list",
        "l",
        "unset",
        "unset-all",
    ]
    .iter()
    .any(|option| parsed.options.contains_key(*option));
    match (written.first(), written.len()) {
        (Some(key), 2..) if !reads => match literal(key) {
            Some(key) if is_harmless(key) => Ok(()),
            key => stop(Reason::GitConfiguration, key.unwrap_or_default()),
        },
        _ => Ok(()),
    }
}

/// Settings whose value is shell text that git runs.
const COMMANDS: &[&str] = &[
    "core.sshcommand",
    "core.pager",
    "core.editor",
    "core.askpass",
    "sequence.editor",
    "diff.external",
];

fn configured(setting: &Word, operands: &[Word]) -> Result<Option<Program>, Stop> {
    let setting = text(setting)?;
    let (key, value) = setting.split_once('=').unwrap_or((setting.as_str(), ""));
    let lower = key.to_ascii_lowercase();
    if let Some(alias) = lower.strip_prefix("alias.") {
        return Ok(alias_program(alias, value, operands));
    }
    if is_harmless(key) {
        return Ok(None);
    }
    if COMMANDS.contains(&lower.as_str()) {
        Ok(Some(Program::Text(value.to_owned())))
    } else {
        stop(Reason::GitConfiguration, key)
    }
}

/// Where the alias is the subcommand, its text runs with the words behind it.
fn alias_program(alias: &str, value: &str, operands: &[Word]) -> Option<Program> {
    let (subcommand, rest) = operands.split_first()?;
    if literal(subcommand).is_some_and(|name| !name.eq_ignore_ascii_case(alias)) {
        return None;
    }
    match value.strip_prefix('!') {
        Some(text) => Some(Program::Text(text.to_owned())),
        None => Some(Program::Git(
            value
                .split_ascii_whitespace()
                .map(|word| Word::Literal(word.to_owned()))
                .chain(rest.iter().cloned())
                .collect(),
        )),
    }
}

/// Names that run a program, dial a host or load a file even in a harmless section.
const PROGRAMS: &[&str] = &[
    "templatedir",
    "driver",
    "tool",
    "cmd",
    "command",
    "program",
    "receivepack",
    "uploadpack",
    "vcs",
    "proxy",
    "url",
    "pushurl",
    "template",
    "gpgsign",
    "recentobjectshook",
    "bundleuri",
    "format",
];

/// Settings that name no program and load no further configuration.
fn is_harmless(key: &str) -> bool {
    const SECTIONS: &[&str] = &[
        "user",
        "author",
        "committer",
        "color",
        "column",
        "advice",
        "log",
        "init",
        "push",
        "pull",
        "branch",
        "merge",
        "rebase",
        "fetch",
        "safe",
        "commit",
        "tag",
        "status",
        "gc",
        "maintenance",
        "blame",
        "rerere",
        "apply",
        "pack",
        "index",
        "feature",
        "i18n",
        "transfer",
        "remote",
    ];
    const CORE: &[&str] = &[
        "autocrlf",
        "eol",
        "quotepath",
        "filemode",
        "ignorecase",
        "longpaths",
        "safecrlf",
        "abbrev",
        "precomposeunicode",
        "symlinks",
        "whitespace",
        "compression",
        "bare",
        "logallrefupdates",
        "commentchar",
    ];
    const OTHER: &[&str] = &[
        "diff.algorithm",
        "diff.renames",
        "diff.context",
        "diff.colormoved",
        "protocol.version",
        "http.lowspeedlimit",
        "http.lowspeedtime",
        "http.postbuffer",
        "gpg.format",
    ];
    let lower = key.to_ascii_lowercase();
    let Some((section, _)) = lower.split_once('.') else {
        return false;
    };
    let name = lower.rsplit_once('.').map_or("", |(_, name)| name);
    (SECTIONS.contains(&section)
        && (!PROGRAMS.contains(&name) || lower == "commit.gpgsign" || lower == "tag.gpgsign"))
        || (section == "core" && CORE.contains(&name))
        || OTHER.contains(&lower.as_str())
}

fn text(word: &Word) -> Result<String, Stop> {
    match word {
        Word::Literal(text) => Ok(text.clone()),
        Word::OneUnknown | Word::ManyUnknown => stop(Reason::DynamicCode, "git"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::words;

    fn form(text: &str) -> NormalForm {
        normal_form(&words(text))
    }

    #[test]
    fn global_options_do_not_hide_the_subcommand() {
        for text in [
            "push x",
            "-C /tmp push x",
            "--git-dir /x push x",
            "--git-dir=/x --no-pager push x",
            "-c a.b=c -p push x",
        ] {
            let form = form(text);
            assert_eq!(
                (form.command, form.operands),
                (words("git push"), words("x")),
                "{text}"
            );
        }
    }

    #[test]
    fn force_is_found_however_it_is_spelt() {
        for text in [
            "push -f",
            "push --force",
            "push --forc",
            "push o m -fu",
            "push -uf o",
            "push origin +main",
            "push -o ci.skip o -f",
        ] {
            assert!(form(text).options.contains_key("force"), "{text}");
        }
        assert!(form("push origin :main").options.contains_key("delete"));
        assert!(!form("commit -m -f").options.contains_key("force"));
    }

    #[test]
    fn an_unknown_subcommand_is_open() {
        for text in ["$$", "$ push", "-C $$ push", "$$ push"] {
            assert!(form(text).open, "{text}");
            assert_eq!(form(text).command, words("git"), "{text}");
            assert!(programs(&words(text)).is_err(), "{text}");
        }
        assert!(!form("-C $ push x").open);
    }

    #[test]
    fn programs_in_settings_and_options_are_found() {
        for (text, expected) in [
            ("-c alias.x=!id x", Program::Text("id".into())),
            ("-c alias.p=push p o", Program::Git(words("push o"))),
            ("-c core.sshCommand=id fetch", Program::Text("id".into())),
            ("-c core.pager=id log", Program::Text("id".into())),
            ("rebase -x id main", Program::Text("id".into())),
            ("rebase --exec=id main", Program::Text("id".into())),
            ("bisect run rm x", Program::Argv(words("rm x"))),
            ("submodule foreach rm x", Program::Argv(words("rm x"))),
            ("push --receive-pack=id o", Program::Text("id".into())),
        ] {
            assert_eq!(
                programs(&words(text))
                    .ok()
                    .and_then(|mut found| found.pop()),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn settings_that_may_run_programs_are_refused() {
        for text in [
            "-c core.fsmonitor=id status",
            "-c core.hooksPath=x commit",
            "-c include.path=x log",
            "-c $ log",
            "--config-env=a=b log",
            "--exec-path=/x log",
            "clone ext::sh x",
            "config core.editor id",
            "grep -O x",
            "difftool -x id",
            "-c diff.x.textconv=id diff",
            "-c merge.x.driver=id merge",
            "config alias.x id",
        ] {
            assert!(programs(&words(text)).is_err(), "{text}");
        }
        for text in [
            "-c user.name=x commit",
            "-c color.ui=never log",
            "log --oneline",
            "config user.name x",
            "config --get core.editor",
            "-c commit.gpgsign=false commit",
            "clone https://x/y",
        ] {
            assert_eq!(programs(&words(text)), Ok(vec![]), "{text}");
        }
    }
}
