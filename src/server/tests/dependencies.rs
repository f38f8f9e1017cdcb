//! Who may use whom: dependencies run one way. Reads the paths in the sources, so a module is checked as it is written.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Uses across slices that are wanted: who uses what. Everything else goes through `model`.
const NAMED: &[(&str, &str)] = &[
    ("account::view", "second_factor::api::requirement"),
    ("account::view", "second_factor::view::RequirementCard"),
    ("billing::api", "usage::find_used"),
    ("data::archive", "billing::document"),
    ("home::api", "usage"),
    ("home::store", "usage::Snapshot"),
    ("home::view", "billing::view::StateBadge"),
    ("home::view", "usage::view::LiveMeters"),
    ("passkeys::api", "signin"),
    ("portal_sessions::view", "signin::api::FindShell"),
    ("profile::api", "signin::list_customers"),
    ("requests::api", "team::give_role"),
    ("requests::api", "team::lock"),
    ("second_factor::api", "signin"),
    ("second_factor::command", "signin::list_customers"),
    ("second_factor::refusal", "signin::device"),
    ("signin::api", "second_factor"),
    ("signin::api", "passkeys"),
    ("signin::view", "passkeys::view"),
    ("signin::view::confirm_page", "sso"),
    ("sso::arrival", "signin"),
    ("sso::arrival", "team"),
    ("staff::api", "support"),
    ("staff::view", "support::view"),
    ("support::view::new_ticket", "signin::api::FindShell"),
    ("team::api", "keys::list_made_by"),
    ("team::api::acceptance", "signin::password"),
    ("team::api::members", "sso"),
    ("team::view", "requests::view::RequestsCard"),
    ("team::view::accept_page", "signin::api::SignOut"),
    ("team::view::accept_page", "signin::view::NewPasswordField"),
    ("verification::leaks", "keys::recipients"),
    ("verification::meter", "usage::stored_calls"),
];

/// Files of `server` that know the slices, to register them.
const REGISTRIES: &[&str] = &[
    "server::router",
    "server::typed_forms",
    "server::worker",
    "server::emails",
    "server::seed",
    "server::command",
    "server::testing",
    "server::tests",
];

/// All sources: path from `src` on, and text without comments.
pub fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![];
    collect(&root, &mut found);
    found.sort();
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().map(|line| without_comment(line).to_owned() + "\n").collect();
    found.iter().map(|path| (path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), text(path))).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line }
}

/// `team/api/members.rs` is `["team", "api", "members"]`.
fn module(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// Every path from the crate's root that a module names, such as `team::model::Seats`.
fn used(module: &[String], text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut rest = text;
    while let Some(start) = ["crate::", "super::"].iter().filter_map(|word| rest.find(word)).min() {
        let whole_word = !rest[..start].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':');
        rest = &rest[start..];
        if whole_word {
            let (prefix, tail) = resolve(module, rest);
            let end = expand(&prefix, tail, &mut used);
            rest = &tail[end.min(tail.len())..];
        } else {
            rest = &rest["crate::".len()..];
        }
    }
    used
}

/// Takes `crate::` or any number of `super::` off a path.
fn resolve<'a>(module: &[String], path: &'a str) -> (Vec<String>, &'a str) {
    if let Some(tail) = path.strip_prefix("crate::") {
        return (vec![], tail);
    }
    let (mut prefix, mut tail) = (module.to_vec(), path);
    while let Some(shorter) = tail.strip_prefix("super::") {
        prefix.pop();
        tail = shorter;
    }
    (prefix, tail)
}

/// Notes the paths of a use tree and gives its length in bytes.
fn expand(prefix: &[String], tree: &str, used: &mut BTreeSet<String>) -> usize {
    let name = tree.len() - tree.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == '*').len();
    let mut path = prefix.to_vec();
    if name > 0 {
        path.push(tree[..name].to_owned());
    }
    if let Some(rest) = tree[name..].strip_prefix("::") {
        return name + 2 + expand(&path, rest, used);
    }
    if name > 0 || !tree.starts_with('{') {
        used.insert(path.join("::"));
        return name.max(1);
    }
    let mut at = 1;
    while at < tree.len() && !tree[at..].starts_with('}') {
        let skipped = tree[at..].len() - tree[at..].trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',').len();
        at += skipped;
        if !tree[at..].starts_with('}') && at < tree.len() {
            at += expand(&path, &tree[at..], used);
        }
    }
    at + 1
}

/// How far up a layer stands; files of other names (events, emails, a format) serve the API.
fn rank(layer: Option<&str>) -> u8 {
    match layer {
        Some("model") => 0,
        Some("api" | "rest" | "jobs") => 2,
        Some("view") => 3,
        Some(_) => 1,
        None => 4,
    }
}

/// What is wrong with a module using a path; `None` if nothing is.
fn objection(slices: &BTreeSet<String>, module: &[String], path: &str) -> Option<&'static str> {
    let name = module.join("::");
    let mut target = path.split("::");
    let (area, layer) = (target.next()?, target.next());
    let is_test = module.iter().any(|part| part == "tests");
    let own = module.first().map(String::as_str)?;
    if is_test || matches!(own, "app" | "lib" | "main" | "page_groups") {
        return None;
    }
    if slices.contains(area) && area != own {
        let registered = own == "server" && REGISTRIES.iter().any(|registry| name.starts_with(registry));
        let named = NAMED.iter().any(|(user, used)| name.starts_with(user) && path.starts_with(used));
        return (layer != Some("model") && !registered && !named).then_some("reaches into another slice beyond its model");
    }
    if slices.contains(own) && area == own && module.len() > 1 {
        let layer = layer.filter(|layer| layer.chars().next().is_some_and(char::is_lowercase));
        return (layer.is_some() && rank(layer) > rank(module.get(1).map(String::as_str))).then_some("looks up to a higher layer");
    }
    if own == "ui" && area == "server" {
        return Some("is a component with access to data");
    }
    let shared = !slices.contains(own) && !matches!(own, "server" | "ui");
    (shared && (slices.contains(area) || area == "ui")).then_some("is a shared type that knows a slice")
}

#[test]
fn dependencies_run_one_way() {
    let sources = sources();
    let slices: BTreeSet<String> =
        sources.iter().filter_map(|(path, _)| path.split_once('/').map(|(folder, _)| folder.to_owned())).collect();
    let slices: BTreeSet<String> = slices.into_iter().filter(|folder| folder != "ui" && folder != "server").collect();
    let mut objections = vec![];
    for (path, text) in &sources {
        let module = module(path);
        for used in used(&module, text) {
            if let Some(objection) = objection(&slices, &module, &used) {
                objections.push(format!("src/{path} {objection}: {used}"));
            }
        }
    }
    assert!(objections.is_empty(), "\n{}", objections.join("\n"));
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let module = module("team/api/members.rs");
    let text = "use crate::{access::{Role, Permission}, team::store::{self, Seats}};\nuse super::lock;\nlet x = super::super::view::go(crate::ids::UserId::from(1));";
    let expected = [
        "access::Permission",
        "access::Role",
        "ids::UserId::from",
        "team::api::lock",
        "team::store::Seats",
        "team::store::self",
        "team::view::go",
    ];
    assert_eq!(used(&module, text).into_iter().collect::<Vec<_>>(), expected);
}
