use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use super::{Caps, Contestant, Instance, RaceError, Row};

/// A file of rows that grows run by run and is read back to go on.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
    rows: Vec<Row>,
}

impl Table {
    /// Opens a table or begins it. A last line that was cut off is dropped.
    ///
    /// # Errors
    /// The file cannot be read or written, is no such table, or was made under other limits.
    pub fn open(path: &Path, caps: &Caps) -> Result<Self, RaceError> {
        let failed = |e| RaceError::file(path, e);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(failed(e)),
        };
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        let head = [format!("# limits of a run: {caps}"), Row::COLUMNS.join("\t")];
        let mut rows = vec![];
        for (line, content) in (1..).zip(whole.lines()) {
            let wrong = |what| RaceError::Line { path: path.into(), line, what };
            match head.get(line - 1) {
                Some(expected) if expected == content => {}
                Some(expected) => return Err(wrong(format!("expected `{expected}`"))),
                None => rows.push(Row::from_line(content).map_err(wrong)?),
            }
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        file.set_len(whole.len() as u64).map_err(failed)?;
        for line in &head[whole.lines().count().min(2)..] {
            writeln!(file, "{line}").map_err(failed)?;
        }
        Ok(Self { path: path.into(), file, rows })
    }

    /// The rows so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a contestant on an instance, if it is there.
    pub fn find(&self, instance: &Instance, contestant: &Contestant) -> Option<&Row> {
        let key = (&*instance.domain, &*instance.level, &*instance.problem);
        let runner = (contestant.planner(), contestant.configuration());
        self.rows.iter().find(|r| r.instance() == key && r.contestant() == runner)
    }

    /// Adds a row, on disk at once.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn push(&mut self, row: Row) -> Result<(), RaceError> {
        writeln!(self.file, "{}", row.to_line()).map_err(|e| RaceError::file(&self.path, e))?;
        self.rows.push(row);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planner::row::tests::solved;

    const CAPS: Caps = Caps { cpu_secs: 60.0, memory_bytes: 4 << 30 };

    #[test]
    fn rows_are_kept_and_a_cut_line_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.tsv");
        let rows = [solved("easy", "ergon", 0.5, 3.0), solved("hard", "ergon", 1.5, 9.0)];
        let mut table = Table::open(&path, &CAPS).unwrap();
        rows.iter().for_each(|r| table.push(r.clone()).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 4);
        std::fs::write(&path, &text[..text.len() - 5]).unwrap();
        let mut table = Table::open(&path, &CAPS).unwrap();
        assert_eq!(table.rows(), &rows[..1]);
        table.push(rows[1].clone()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn runs_under_other_limits_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.tsv");
        Table::open(&path, &CAPS).unwrap();
        let error = Table::open(&path, &Caps { cpu_secs: 30.0, ..CAPS }).unwrap_err().to_string();
        assert!(error.contains("runs.tsv:1: expected `# limits of a run: 30 s CPU"), "{error}");
    }
}
