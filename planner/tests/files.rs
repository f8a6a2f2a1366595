//! The readers on files: the domains of this repository and, where `ERGON_BENCHMARKS` names a folder,
//! every domain and problem in it.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use ergon_planner::{
    Domain, Problem, Warning,
    pddl::{self, Reading, Source, read_task},
};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let (folders, mut files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|p| p.is_dir());
    files.retain(|p| p.extension().is_some_and(|e| e == "pddl"));
    files.extend(folders.iter().flat_map(|folder| self::files(folder)));
    files
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    pddl::decode(&bytes, &path.display().to_string()).unwrap().to_owned()
}

/// Domain files with the problems that belong to them: of each folder the domain of the same
/// difficulty, or else the only one.
fn tasks() -> Vec<(PathBuf, PathBuf)> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../domains")];
    folders.extend(std::env::var_os("ERGON_BENCHMARKS").map(PathBuf::from));
    let all: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    let is_domain =
        |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().contains("domain");
    let problems = all.iter().filter(|p| !is_domain(p));
    let domain_of = |problem: &PathBuf| {
        let stem = problem.file_stem().unwrap().to_string_lossy().into_owned();
        let own = problem.with_file_name(format!("domain-{stem}.pddl"));
        let beside = all.iter().filter(is_domain).find(|d| d.parent() == problem.parent());
        if own.exists() { Some(own) } else { beside.cloned() }
    };
    problems.filter_map(|p| Some((domain_of(p)?, p.clone()))).collect()
}

fn read(domain: &str, problem: &str) -> (Domain, Problem, Vec<Warning>) {
    let (domain, problem) = (Source::new(domain, "domain"), Source::new(problem, "problem"));
    read_task(domain, problem, Reading::Lenient).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_file_is_read_and_reads_back_from_its_print() {
    let tasks = tasks();
    assert!(!tasks.is_empty());
    for (domain_path, problem_path) in tasks {
        let (domain, problem, warnings) = read(&text(&domain_path), &text(&problem_path));
        // Our own files are an example.
        let own = problem_path.starts_with(env!("CARGO_MANIFEST_DIR"));
        assert!(!own || warnings.is_empty(), "{warnings:?}");
        let (printed, warnings) =
            Domain::parse_with(&domain.to_string(), "printed", Reading::Lenient).unwrap();
        assert_eq!(printed, domain, "{}", domain_path.display());
        assert_eq!(warnings, []);
        let printed = Problem::parse(&problem.to_string(), "printed", &domain).unwrap();
        assert_eq!(printed, problem, "{}", problem_path.display());
    }
}
