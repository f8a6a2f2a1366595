//! Random domains and problems of the whole language as text, drawn from a string of bytes so that
//! proptest can shrink them. They are well-formed, but mean nothing.

use super::random::Dice;

/// Writes a text by throwing dice.
struct Writer<'a> {
    dice: Dice<'a>,
    /// Variables in scope; all of them are of type `box`.
    scope: Vec<String>,
    depth: usize,
}

/// The text of a domain and a problem.
pub fn text(bytes: &[u8]) -> (String, String) {
    let mut writer = Writer { dice: Dice(bytes), scope: vec![], depth: 0 };
    let domain = writer.domain();
    let problem = writer.problem();
    (domain, problem)
}

impl Writer<'_> {
    fn pick<'t>(&mut self, options: &[&'t str]) -> &'t str {
        options[self.dice.roll(options.len())]
    }

    fn domain(&mut self) -> String {
        let mut text = String::from(
            "(define (domain l) (:requirements :adl :numeric-fluents :derived-predicates\n\
             :durative-actions :duration-inequalities)\n(:types box crate - object)\n\
             (:constants k - box c - crate)\n\
             (:predicates (p ?x - box) (q ?x ?y) (r) (d ?x - box) (e))\n\
             (:functions (f ?x - box) (g) (total-cost))\n",
        );
        for head in ["d ?v0 - box", "e"].iter().take(self.dice.roll(3)) {
            self.scope = if head.len() > 1 { vec!["?v0".into()] } else { vec![] };
            // Negation of what is derived could make a cycle; so nothing derived is read here.
            text += &format!("(:derived ({head}) {})\n", self.condition());
        }
        for action in 0..self.dice.roll(4) {
            let count = self.dice.roll(3);
            self.scope = (0..count).map(|i| format!("?v{i}")).collect();
            let parameters = self.scope.iter().map(|v| format!("{v} - box ")).collect::<String>();
            text += &match self.dice.roll(3) {
                0 => format!(
                    "(:durative-action t{action} :parameters ({parameters})\n:duration {}\n\
                     :condition {}\n:effect {})\n",
                    self.duration(),
                    self.timed(false),
                    self.timed(true),
                ),
                _ => format!(
                    "(:action a{action} :parameters ({parameters})\n:precondition {}\n:effect {})\n",
                    self.condition(),
                    self.effect(),
                ),
            };
        }
        self.scope.clear();
        text + ")"
    }

    fn problem(&mut self) -> String {
        let mut text = String::from("(define (problem m) (:domain l) (:objects b - box o)\n(:init");
        for _ in 0..self.dice.roll(6) {
            text +=
                self.pick(&["(p k)", "(p b)", "(q b o)", "(r)", "(= (f b) 2.5)", "(= (g) -1e3)"]);
        }
        text += &format!(")\n(:goal {})", self.condition());
        if self.dice.roll(2) == 0 {
            let direction = self.pick(&["minimize", "maximize"]);
            let (a, b) = (self.expression(false), self.pick(&["(total-time)", "(total-cost)"]));
            text += &format!("\n(:metric {direction} (+ {a} {b}))");
        }
        text + ")"
    }

    fn term(&mut self) -> String {
        let known = self.scope.len();
        match self.dice.roll(known + 1) {
            i if i < known => self.scope[i].clone(),
            _ => "k".into(),
        }
    }

    fn parts(&mut self, part: fn(&mut Self) -> String) -> String {
        (0..self.dice.roll(3)).map(|_| format!(" {}", part(self))).collect()
    }

    /// A quantifier around what `part` writes.
    fn quantified(&mut self, head: &str, part: fn(&mut Self) -> String) -> String {
        let names: Vec<String> = (0..1 + self.dice.roll(2)).map(|i| format!("?w{i}")).collect();
        let kind = self.pick(&["box", "(either box)"]);
        let known = self.scope.len();
        self.scope.extend(names.iter().cloned());
        let body = part(self);
        self.scope.truncate(known);
        format!("({head} ({} - {kind}) {body})", names.join(" "))
    }

    fn condition(&mut self) -> String {
        self.depth += 1;
        let deepest = if self.depth > 4 { 5 } else { 11 };
        let text = match self.dice.roll(deepest) {
            0 => "(r)".into(),
            1 => format!("(p {})", self.term()),
            2 => format!("(q {} {})", self.term(), self.term()),
            3 => format!("(= {} {})", self.term(), self.term()),
            4 => {
                let sign = self.pick(&["<", "<=", "=", ">=", ">"]);
                format!("({sign} {} {})", self.expression(false), self.expression(false))
            }
            5 => format!("(not {})", self.condition()),
            6 => format!("(and{})", self.parts(Self::condition)),
            7 => format!("(or{})", self.parts(Self::condition)),
            8 => format!("(imply {} {})", self.condition(), self.condition()),
            9 => self.quantified("exists", Self::condition),
            _ => self.quantified("forall", Self::condition),
        };
        self.depth -= 1;
        text
    }

    fn expression(&mut self, durative: bool) -> String {
        self.depth += 1;
        let deepest = if self.depth > 5 { 4 } else { 9 };
        let text = match self.dice.roll(deepest) {
            0 => self.pick(&["0", "1.5", "-2", ".25", "1e-7", "123456789012345678"]).into(),
            1 => "(g)".into(),
            2 => format!("(f {})", self.term()),
            3 if durative => "?duration".into(),
            3 => "(total-cost)".into(),
            4 => format!("(- {})", self.expression(durative)),
            i => {
                let head = ["+", "-", "*", "/"][i - 5];
                format!("({head} {} {})", self.expression(durative), self.expression(durative))
            }
        };
        self.depth -= 1;
        text
    }

    fn effect(&mut self) -> String {
        self.depth += 1;
        let deepest = if self.depth > 4 { 4 } else { 7 };
        let text = match self.dice.roll(deepest) {
            0 => "(r)".into(),
            1 => format!("(p {})", self.term()),
            2 => format!("(not (q {} {}))", self.term(), self.term()),
            3 => {
                let head = self.pick(&["assign", "increase", "decrease", "scale-up", "scale-down"]);
                format!("({head} (f {}) {})", self.term(), self.expression(false))
            }
            4 => format!("(and{})", self.parts(Self::effect)),
            5 => format!("(when {} {})", self.condition(), self.effect()),
            _ => self.quantified("forall", Self::effect),
        };
        self.depth -= 1;
        text
    }

    fn duration(&mut self) -> String {
        match self.dice.roll(3) {
            0 => "()".into(),
            1 => format!("(= ?duration {})", self.expression(false)),
            _ => format!("(and (>= ?duration 1) (<= ?duration {}))", self.expression(false)),
        }
    }

    fn timed(&mut self, effect: bool) -> String {
        let mut text = String::from("(and");
        for _ in 0..self.dice.roll(4) {
            let time = match effect {
                true => self.pick(&["at start", "at end"]),
                false => self.pick(&["at start", "over all", "at end"]),
            };
            text += &match effect {
                true if self.dice.roll(4) == 0 => {
                    format!(" ({time} (assign (g) {}))", self.expression(true))
                }
                true => format!(" ({time} {})", self.effect()),
                false => format!(" ({time} {})", self.condition()),
            };
        }
        text + ")"
    }
}
