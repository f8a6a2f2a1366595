//! Plan files in the format of the planning competitions, which VAL and most tools read, and plans as
//! Metric-FF prints them.

use std::fmt;

use ergon_vocab::{Plan, Symbols};
use nom::{
    Parser,
    bytes::complete::{tag, take_until},
    character::complete::{char, digit1, one_of, space0},
    combinator::{opt, recognize},
    sequence::{delimited, terminated},
};

use super::{
    PddlError,
    error::Fault,
    lexer::{Parsed, list, name, open, refuse},
};

/// A step of a plan file: an action by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanCall {
    /// Lower-case name of the action.
    pub action: String,
    /// Lower-case names of its arguments.
    pub args: Vec<String>,
    /// When it starts, s from the start of the plan; where the file says so.
    pub time: Option<f64>,
    /// How long it takes, s; where the file says so.
    pub duration: Option<f64>,
    /// Line of the file, from 1; 0 where the call is from no file.
    pub line: u32,
}

/// `(pick c1 left)`; times are left out.
impl fmt::Display for PlanCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}", self.action)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))?;
        f.write_str(")")
    }
}

/// A plan as names, not yet looked up in any domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanFile {
    /// The steps in the order of the file.
    pub steps: Vec<PlanCall>,
    /// The cost stated in a `; cost = N` line.
    pub cost: Option<f64>,
}

impl PlanFile {
    /// Reads `plan ::= step*` with one `step` a line and comments from `;` on.
    ///
    /// # Errors
    /// A line is not a step; the error says where and why.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PddlError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut plan = Self::default();
        for (line, row) in (1u32..).zip(text.lines()) {
            let (code, comment) = row.split_once(';').unwrap_or((row, ""));
            plan.cost = stated_cost(comment).or(plan.cost);
            if code.trim_ascii().is_empty() {
                continue;
            }
            let code = code.trim_ascii_end();
            let (_, mut call) = step(code).map_err(|e| match e {
                nom::Err::Error(f) | nom::Err::Failure(f) => f.locate(text, file_name),
                nom::Err::Incomplete(_) => Fault::new(code, "a step").locate(text, file_name),
            })?;
            call.line = line;
            plan.steps.push(call);
        }
        Ok(plan)
    }

    /// The plan by the names of its actions and objects.
    pub fn of(plan: &Plan, symbols: &Symbols) -> Self {
        let steps = plan.steps.iter().map(|step| PlanCall {
            action: symbols.action_name(step.action.schema).into(),
            args: step.action.args.iter().map(|&o| symbols.object_name(o).into()).collect(),
            ..PlanCall::default()
        });
        Self { steps: steps.collect(), cost: Some(plan.cost() as f64) }
    }
}

/// One `(action a b)` a line, `0.000: (action a b)  [5.000]` where there are times, then `; cost = N
/// (unit cost)` or `(general cost)`.
impl fmt::Display for PlanFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut timed = false;
        for step in &self.steps {
            if let Some(time) = step.time {
                timed = true;
                write!(f, "{time:.3}: ")?;
            }
            write!(f, "{step}")?;
            if let Some(duration) = step.duration {
                write!(f, "  [{duration:.3}]")?;
            }
            f.write_str("\n")?;
        }
        let steps = self.steps.len() as f64;
        let cost = match (self.cost, timed) {
            (Some(cost), _) => cost,
            (None, false) => steps,
            (None, true) => return Ok(()),
        };
        let unit = !timed && (cost - steps).abs() < f64::EPSILON;
        let kind = if unit { "unit cost" } else { "general cost" };
        writeln!(f, "; cost = {cost} ({kind})")
    }
}

/// The value of `number ::= digit+ [. digit+] [e [+ | -] digit+]`; a fault if it is not finite.
fn number(input: &str) -> Parsed<'_, f64> {
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let mut digits = recognize((digit1, opt((char('.'), digit1)), opt(exponent)));
    let (rest, word) = digits.parse(input)?;
    match word.parse() {
        Ok(value) if f64::is_finite(value) => Ok((rest, value)),
        _ => refuse(Fault::new(input, "a number below 1.8e308")),
    }
}

/// `step ::= [number :] ( name name* ) [ '[' number ']' ]`. Anything may stand in the brackets after
/// an action without time, as VAL prints there.
fn step(input: &str) -> Parsed<'_, PlanCall> {
    let (rest, _) = space0(input)?;
    let (rest, time) = opt(terminated(number, (space0, char(':')))).parse(rest)?;
    let (rest, _) = open(rest)?;
    let (rest, (action, args)) = nom::combinator::cut((name, list(name))).parse(rest)?;
    let brackets = delimited((space0, tag("[")), take_until("]"), tag("]"));
    let (rest, brackets) = opt(brackets).parse(rest)?;
    let rest = rest.trim_ascii_start();
    if !rest.is_empty() {
        return refuse(Fault::new(rest, "the end of the line"));
    }
    let duration = brackets.map(|text: &str| text.trim_ascii().trim_start_matches("D:"));
    let duration = duration.and_then(|text| number(text).ok()).map(|(_, value)| value);
    let args = args.iter().map(|a| a.to_ascii_lowercase()).collect();
    Ok((rest, PlanCall { action: action.to_ascii_lowercase(), args, time, duration, line: 0 }))
}

/// The number of a comment ` cost = N`, in any case of letters.
fn stated_cost(comment: &str) -> Option<f64> {
    let comment = comment.trim_ascii().to_ascii_lowercase();
    let rest = comment.strip_prefix("cost")?.trim_ascii_start().strip_prefix('=')?;
    super::lexer::number(rest.split_ascii_whitespace().next()?).filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_files_of_other_planners_are_read() {
        let text = "; a plan\n0.000: (PICK c1 left)  [5.000]\r\n\n(place c1 right) ; why\n; cost = 2 (unit cost)\n";
        let plan = PlanFile::parse(text, "plan").unwrap();
        assert_eq!(
            plan.to_string(),
            "0.000: (pick c1 left)  [5.000]\n(place c1 right)\n; cost = 2 (general cost)\n"
        );
        assert_eq!(plan.steps[1].line, 4);
    }

    #[test]
    fn a_line_that_is_no_step_is_refused_with_its_place() {
        let error = |text| PlanFile::parse(text, "plan").unwrap_err().to_string();
        assert_eq!(error("(a)\n  b\n"), "plan:2:3: expected `(`, got `b`");
        assert_eq!(error("(a\n"), "plan:1:3: expected a name, got the end of the text");
        assert_eq!(error("(a) x"), "plan:1:5: expected the end of the line, got `x`");
    }
}
