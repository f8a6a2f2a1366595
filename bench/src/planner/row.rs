use std::fmt;

/// How a planner ended on an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A plan, and the validator agrees (or could not read the instance: see [`Row::validated`]).
    Solved,
    /// The planner says that there is no plan.
    Unsolvable,
    /// The search ended without a plan and without a proof.
    GaveUp,
    /// Out of processor time.
    Time,
    /// Out of memory.
    Memory,
    /// The planner says that it does not know what the instance uses.
    Unsupported,
    /// The planner says that the instance is wrong.
    Rejected,
    /// The planner crashed, or ended in a way it does not document.
    Failed,
    /// A plan, and the validator says that it is wrong.
    Invalid,
}

impl Status {
    const ALL: [Self; 9] = [
        Self::Solved,
        Self::Unsolvable,
        Self::GaveUp,
        Self::Time,
        Self::Memory,
        Self::Unsupported,
        Self::Rejected,
        Self::Failed,
        Self::Invalid,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Solved => "solved",
            Self::Unsolvable => "unsolvable",
            Self::GaveUp => "gave-up",
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Unsupported => "unsupported",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A run of a planner on an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Domain of the instance.
    pub domain: String,
    /// Level of the instance.
    pub level: String,
    /// The problem as the suite names it.
    pub problem: String,
    /// The planner, such as `fast-downward`.
    pub planner: String,
    /// Its configuration, such as `lama-first`.
    pub configuration: String,
    /// How it ended.
    pub status: Status,
    /// Processor time of all its processes, user and system, s.
    pub cpu_secs: f64,
    /// Processor time before the search proper began (reading, grounding, translation), s, as far as
    /// the planner tells.
    pub prepare_secs: Option<f64>,
    /// Time of the search proper by the planner's own word, s.
    pub search_secs: Option<f64>,
    /// Wall-clock time, s.
    pub wall_secs: f64,
    /// Largest resident memory of one of its processes, MiB.
    pub peak_mib: f64,
    /// Steps of the plan.
    pub length: Option<u64>,
    /// Cost of the plan by the validator.
    pub cost: Option<f64>,
    /// States expanded, by the planner's own word.
    pub expansions: Option<u64>,
    /// The validator's word on the plan; none where there is no plan or the validator has no word.
    pub validated: Option<bool>,
    /// What went wrong, in a few words.
    pub note: String,
}

impl Row {
    /// The columns of the table.
    pub const COLUMNS: [&str; 17] = [
        "domain",
        "level",
        "problem",
        "planner",
        "configuration",
        "status",
        "cpu_s",
        "prepare_s",
        "search_s",
        "wall_s",
        "peak_mib",
        "length",
        "cost",
        "expansions",
        "expansions_per_s",
        "validated",
        "note",
    ];

    /// Whether there is a plan that counts.
    pub fn solved(&self) -> bool {
        self.status == Status::Solved
    }

    /// Planner and configuration.
    pub fn contestant(&self) -> (&str, &str) {
        (&self.planner, &self.configuration)
    }

    /// What tells the row's instance apart.
    pub fn instance(&self) -> (&str, &str, &str) {
        (&self.domain, &self.level, &self.problem)
    }

    /// Expansions a second of search, where the search took long enough to tell.
    pub fn expansion_rate(&self) -> Option<f64> {
        let secs = self.search_secs.filter(|s| *s >= 0.001)?;
        Some(self.expansions? as f64 / secs)
    }

    /// The row as a line of tab-separated values, without a line end.
    pub fn to_line(&self) -> String {
        fn show<T: ToString>(value: Option<T>) -> String {
            value.map(|v| v.to_string()).unwrap_or_default()
        }
        let secs = |s: f64| format!("{s:.4}");
        let note = self.note.replace(['\t', '\n', '\r'], " ");
        [
            self.domain.clone(),
            self.level.clone(),
            self.problem.clone(),
            self.planner.clone(),
            self.configuration.clone(),
            self.status.name().into(),
            secs(self.cpu_secs),
            show(self.prepare_secs.map(secs)),
            show(self.search_secs.map(|s| format!("{s:.6}"))),
            secs(self.wall_secs),
            format!("{:.1}", self.peak_mib),
            show(self.length),
            show(self.cost),
            show(self.expansions),
            show(self.expansion_rate().map(|r| format!("{r:.0}"))),
            show(self.validated),
            note,
        ]
        .join("\t")
    }

    /// Reads [`Self::to_line`]'s text.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn from_line(line: &str) -> Result<Self, String> {
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != Self::COLUMNS.len() {
            return Err(format!("expected {} cells, found {}", Self::COLUMNS.len(), cells.len()));
        }
        fn number<T: std::str::FromStr>(column: usize, text: &str) -> Result<T, String> {
            let name = Row::COLUMNS[column];
            text.parse().map_err(|_| format!("{name}: expected a number, found `{text}`"))
        }
        fn option<T: std::str::FromStr>(cells: &[&str], i: usize) -> Result<Option<T>, String> {
            (!cells[i].is_empty()).then(|| number(i, cells[i])).transpose()
        }
        let status = Status::ALL.into_iter().find(|s| s.name() == cells[5]);
        Ok(Self {
            domain: cells[0].into(),
            level: cells[1].into(),
            problem: cells[2].into(),
            planner: cells[3].into(),
            configuration: cells[4].into(),
            status: status.ok_or_else(|| format!("`{}` is no status", cells[5]))?,
            cpu_secs: number(6, cells[6])?,
            prepare_secs: option(&cells, 7)?,
            search_secs: option(&cells, 8)?,
            wall_secs: number(9, cells[9])?,
            peak_mib: number(10, cells[10])?,
            length: option(&cells, 11)?,
            cost: option(&cells, 12)?,
            expansions: option(&cells, 13)?,
            validated: option(&cells, 15)?,
            note: cells[16].into(),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A solved run.
    pub(in crate::planner) fn solved(level: &str, planner: &str, cpu_secs: f64, cost: f64) -> Row {
        Row {
            domain: "blocks".into(),
            level: level.into(),
            problem: format!("{level}.pddl"),
            planner: planner.into(),
            configuration: "plain".into(),
            status: Status::Solved,
            cpu_secs,
            prepare_secs: None,
            search_secs: Some(0.5),
            wall_secs: cpu_secs,
            peak_mib: 10.0,
            length: Some(3),
            cost: Some(cost),
            expansions: Some(1000),
            validated: Some(true),
            note: String::new(),
        }
    }

    #[test]
    fn a_line_reads_back() {
        let mut row = solved("easy", "ergon", 0.0625, 3.0);
        assert_eq!(Row::from_line(&row.to_line()), Ok(row.clone()));
        assert!(row.to_line().contains("\t2000\t"), "{}", row.to_line());
        row.note = "a\tb\nc".into();
        row.length = None;
        let read = Row::from_line(&row.to_line()).unwrap();
        assert_eq!((read.note.as_str(), read.length), ("a b c", None));
    }

    #[test]
    fn a_damaged_line_is_told() {
        let line = solved("easy", "ergon", 0.0625, 3.0).to_line();
        let error = |line: &str| Row::from_line(line).unwrap_err();
        assert_eq!(error(&line[..10]), "expected 17 cells, found 2");
        assert_eq!(error(&line.replace("solved", "shrug")), "`shrug` is no status");
        assert!(error(&line.replace("0.0625", "fast")).contains("cpu_s: expected a number"));
    }
}
