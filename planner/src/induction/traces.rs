//! Action traces: what was done, in which order, and nothing else.

use std::fmt;

use indexmap::{IndexMap, IndexSet};
use nom::Offset;

use crate::pddl::{Fault, PddlError, is_name};

/// One executed action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Index into [`Traces::actions`].
    pub(super) action: usize,
    /// Indices into [`Traces::objects`], one an argument.
    pub(super) args: Vec<u32>,
    /// Line of the text, from 1.
    pub(super) line: u32,
}

/// Actions executed one after the other from some state that nobody tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) world: u32,
    pub(super) steps: Vec<Step>,
}

/// Sequences of executed actions.
///
/// As text, an action a line as in a plan file; a line without an action, blank or a comment, ends
/// a trace. `; world NAME` begins a trace in another world: objects of different worlds are
/// different even where their names agree. Within a world, a name stands for the same object, and
/// what never changes is the same in all traces.
///
/// ```
/// use ergon_planner::induction::Traces;
/// let text = "(pick d1 left)\n(place d1 right)\n\n; world other\n(pick d1 d2)\n";
/// let traces = Traces::parse(text, "walks.txt")?;
/// assert_eq!((traces.len(), traces.transitions()), (2, 3));
/// assert_eq!(Traces::parse(&traces.to_string(), "printed")?.to_string(), traces.to_string());
///
/// let error = Traces::parse("(pick d1 left)\n(pick d1)\n", "walks.txt").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "walks.txt:2:1: in action pick: expected 2 arguments as in line 1, got 1"
/// );
/// # Ok::<(), ergon_planner::PddlError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Names of the actions with their arities and the lines where they were first seen.
    pub(super) actions: IndexMap<String, (usize, u32)>,
    /// World and name of each object.
    pub(super) objects: IndexSet<(u32, String)>,
    pub(super) worlds: IndexSet<String>,
    pub(super) runs: Vec<Run>,
}

impl Traces {
    /// Reads traces; `file` names the text in messages.
    ///
    /// # Errors
    /// A line is not an action, or an action has different numbers of arguments.
    pub fn parse(text: &str, file: &str) -> Result<Self, PddlError> {
        let mut traces = Self::default();
        let mut world = traces.worlds.insert_full(String::new()).0 as u32;
        let mut fresh = true;
        for (index, line) in text.lines().enumerate() {
            let (code, comment) = line.split_once(';').unwrap_or((line, ""));
            let code = code.trim();
            if code.is_empty() {
                fresh = true;
                if let Some(name) = comment.trim().strip_prefix("world ") {
                    world = traces.worlds.insert_full(name.trim().to_owned()).0 as u32;
                }
                continue;
            }
            let words = words(code).map_err(|fault| fault.locate(text, file))?;
            if std::mem::take(&mut fresh) {
                traces.runs.push(Run { world, steps: vec![] });
            }
            let fault = |fault: Fault<'_>| fault.locate(text, file);
            traces.push(world, &words, index as u32 + 1, code).map_err(fault)?;
        }
        Ok(traces)
    }

    fn push<'a>(
        &mut self,
        world: u32,
        words: &[&str],
        line: u32,
        at: &'a str,
    ) -> Result<(), Fault<'a>> {
        let names: Vec<String> = words.iter().map(|w| w.to_ascii_lowercase()).collect();
        let Some((name, args)) = names.split_first() else { return Ok(()) };
        let entry = self.actions.entry(name.clone());
        let action = entry.index();
        let &mut (arity, first) = entry.or_insert((args.len(), line));
        if arity != args.len() {
            return Err(Fault::new(at, format!("{arity} arguments as in line {first}"))
                .got(args.len().to_string())
                .within(format!("in action {name}"))
                .hint("an action has as many arguments everywhere; rename one of the two"));
        }
        let mut object = |a: &String| self.objects.insert_full((world, a.clone())).0 as u32;
        let args = args.iter().map(&mut object).collect();
        if let Some(run) = self.runs.last_mut() {
            run.steps.push(Step { action, args, line });
        }
        Ok(())
    }

    /// How many traces there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is no action at all.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many actions were executed, all traces together.
    pub fn transitions(&self) -> usize {
        self.runs.iter().map(|run| run.steps.len()).sum()
    }

    /// How many worlds there are.
    pub(super) fn worlds(&self) -> usize {
        self.worlds.len()
    }

    /// Every step with its trace and its place there, in order.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, usize, &Step)> {
        let runs = self.runs.iter().enumerate();
        runs.flat_map(|(r, run)| run.steps.iter().enumerate().map(move |(t, s)| (r, t, s)))
    }

    /// An executed action as text, such as `(pick d1 left)`.
    pub(super) fn show(&self, step: &Step) -> String {
        let name = self.actions.get_index(step.action).map_or("", |(name, _)| name);
        let args = step.args.iter().filter_map(|&o| self.objects.get_index(o as usize));
        let args: String = args.map(|(_, name)| format!(" {name}")).collect();
        format!("({name}{args})")
    }
}

/// The words of `(name argument ...)`.
fn words(code: &str) -> Result<Vec<&str>, Fault<'_>> {
    let hint = "write one action a line, such as `(pick d1 left)`; a blank line ends a trace";
    let inner = code.strip_prefix('(').ok_or_else(|| Fault::new(code, "`(`").hint(hint))?;
    let close = &code[code.len() - code.chars().next_back().map_or(0, char::len_utf8)..];
    let inner = inner.strip_suffix(')').ok_or_else(|| Fault::new(close, "`)`").hint(hint))?;
    let mut words = vec![];
    for word in inner.split_whitespace() {
        if !is_name(word) {
            let at = &code[code.offset(word)..];
            return Err(Fault::new(at, "a name").hint(hint));
        }
        words.push(word);
    }
    if words.is_empty() {
        return Err(Fault::new(code, "the name of an action").hint(hint));
    }
    Ok(words)
}

impl fmt::Display for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut world = 0;
        for (index, run) in self.runs.iter().enumerate() {
            if run.world != world {
                world = run.world;
                let name = self.worlds.get_index(world as usize).map_or("", String::as_str);
                writeln!(f, "; world {name}")?;
            } else if index > 0 {
                writeln!(f)?;
            }
            run.steps.iter().try_for_each(|step| writeln!(f, "{}", self.show(step)))?;
        }
        Ok(())
    }
}
