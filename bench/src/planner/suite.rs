use std::path::{Path, PathBuf};

use super::RaceError;

/// The columns of a suite file, in any order; more are ignored.
const COLUMNS: [&str; 5] = ["domain", "level", "domain_file", "problem_file", "source"];

/// A planning problem of a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Name of the domain, for people and filters.
    pub domain: String,
    /// Level of difficulty, such as `easy`.
    pub level: String,
    /// The PDDL domain.
    pub domain_file: PathBuf,
    /// The PDDL problem.
    pub problem_file: PathBuf,
    /// The problem as the suite names it, which tells instances apart.
    pub problem: String,
    /// Where the instance comes from.
    pub source: String,
}

/// Instances in the order in which they are run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    /// The instances.
    pub instances: Vec<Instance>,
}

impl Suite {
    /// Reads a suite: tab-separated values under a line of column names, `#` begins a comment line,
    /// paths are relative to the suite's file.
    ///
    /// # Errors
    /// The file cannot be read, or a line lacks a column.
    pub fn read(path: &Path) -> Result<Self, RaceError> {
        let text = std::fs::read_to_string(path).map_err(|e| RaceError::file(path, e))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let folder = std::path::absolute(folder).map_err(|e| RaceError::file(path, e))?;
        Self::parse(&text, path, &folder)
    }

    fn parse(text: &str, path: &Path, folder: &Path) -> Result<Self, RaceError> {
        let wrong = |line, what| RaceError::Line { path: path.into(), line, what };
        let mut lines = (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty());
        let mut lines = lines.by_ref().filter(|(_, l)| !l.starts_with('#'));
        let Some((first, header)) = lines.next() else {
            return Err(wrong(1, "expected a line of column names, found nothing".into()));
        };
        let names: Vec<&str> = header.split('\t').map(str::trim).collect();
        let mut columns = [0; COLUMNS.len()];
        for (column, name) in columns.iter_mut().zip(COLUMNS) {
            let found = names.iter().position(|n| *n == name);
            *column = found.ok_or_else(|| wrong(first, format!("there is no column `{name}`")))?;
        }
        let mut instances = vec![];
        for (line, row) in lines {
            let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
            let cell = |i: usize| {
                let text = cells.get(columns[i]).filter(|c| !c.is_empty());
                text.ok_or_else(|| wrong(line, format!("`{}` is missing", COLUMNS[i])))
            };
            instances.push(Instance {
                domain: (*cell(0)?).into(),
                level: (*cell(1)?).into(),
                domain_file: folder.join(cell(2)?),
                problem_file: folder.join(cell(3)?),
                problem: (*cell(3)?).into(),
                source: cell(4).map_or_else(|_| String::new(), |c| (*c).into()),
            });
        }
        Ok(Self { instances })
    }

    /// Keeps the instances of these domains and levels; an empty list keeps all.
    pub fn keep(&mut self, domains: &[String], levels: &[String]) {
        let named = |list: &[String], name: &String| list.is_empty() || list.contains(name);
        self.instances.retain(|i| named(domains, &i.domain) && named(levels, &i.level));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Suite, RaceError> {
        Suite::parse(text, Path::new("suite.tsv"), Path::new("/s"))
    }

    #[test]
    fn columns_are_found_by_name_and_paths_are_relative_to_the_suite() {
        let text = "# ours\nlevel\tdomain\tsource\tproblem_file\tdomain_file\tmore\n\
                    easy\tblocks\there\tb/p1.pddl\tb/d.pddl\tx\n\nhard\tgripper\t\tg/p.pddl\tg/d.pddl\n";
        let mut suite = parse(text).unwrap();
        assert_eq!(suite.instances[0].problem_file, Path::new("/s/b/p1.pddl"));
        assert_eq!((suite.instances.len(), &*suite.instances[1].source), (2, ""));
        suite.keep(&[], &["hard".into()]);
        assert_eq!(suite.instances[0].domain, "gripper");
    }

    #[test]
    fn what_is_missing_is_told_with_its_line() {
        let error = |text| parse(text).unwrap_err().to_string();
        assert_eq!(error(""), "suite.tsv:1: expected a line of column names, found nothing");
        assert!(error("domain\tlevel\n").contains("suite.tsv:1: there is no column `domain_file`"));
        let short = "domain\tlevel\tdomain_file\tproblem_file\tsource\nblocks\teasy\td.pddl\n";
        assert_eq!(error(short), "suite.tsv:2: `problem_file` is missing");
    }
}
