//! Random instances of the hand-written domains, as problem text.

use super::walks::Draw;

const PEGS: [&str; 3] = ["left", "middle", "right"];

/// Discs on pegs, legally; with `astray`, some of the topmost were knocked off or lie badly.
pub fn hanoi(discs: usize, astray: bool, draw: &mut Draw) -> String {
    let mut tops = PEGS.map(String::from);
    let mut below = vec![];
    for disc in (1..=discs).rev() {
        let peg = draw.roll(3);
        let place = std::mem::replace(&mut tops[peg], format!("c{disc}"));
        below.push((disc, peg, place));
    }
    let mut facts = vec!["(free-gripper) (clear table)".to_owned()];
    let mut knocked = !astray;
    for (disc, peg, place) in below {
        let top = tops[peg] == format!("c{disc}");
        match draw.roll(3) {
            0 if top && !knocked => {
                knocked = true;
                tops[peg] = place;
                facts.push(format!("(astray c{disc} table) (clear c{disc})"));
            }
            1 if top && astray => facts.push(format!("(astray c{disc} {place}) (clear c{disc})")),
            _ => facts.push(format!("(on c{disc} {place})")),
        }
        if top && tops[peg] == format!("c{disc}") {
            facts.push(format!("(clear c{disc})"));
        }
    }
    facts.extend(tops.iter().filter(|t| PEGS.contains(&&t[..])).map(|t| format!("(clear {t})")));
    // Where the topmost one was knocked off, the one below is clear.
    facts.extend(tops.iter().filter(|t| t.starts_with('c')).map(|t| format!("(clear {t})")));
    for disc in 1..=discs {
        let larger = (disc + 1..=discs).map(|d| format!("c{d}"));
        let places = larger.chain(PEGS.map(String::from));
        facts.extend(places.map(|place| format!("(smaller c{disc} {place})")));
    }
    facts.sort();
    facts.dedup();
    let names: String = (1..=discs).map(|d| format!(" c{d}")).collect();
    let goal: String = (1..discs).map(|d| format!("(on c{d} c{})", d + 1)).collect();
    format!(
        "(define (problem any) (:domain hanoi) (:objects{names} - disk left middle right - peg \
         table - surface) (:init {}) (:goal (and {goal} (on c{discs} right))))",
        facts.join(" ")
    )
}

/// Towers of blocks; the goal is one tower.
pub fn blocks(count: usize, draw: &mut Draw) -> String {
    let mut tops: Vec<usize> = vec![];
    let mut facts = vec!["(free-gripper)".to_owned()];
    for block in 0..count {
        let place = draw.roll(tops.len() + 1);
        match tops.get(place).copied() {
            Some(top) => {
                facts.push(format!("(on b{block} b{top})"));
                tops[place] = block;
            }
            None => {
                facts.push(format!("(on-table b{block})"));
                tops.push(block);
            }
        }
    }
    facts.extend(tops.iter().map(|top| format!("(clear b{top})")));
    let names: String = (0..count).map(|b| format!(" b{b}")).collect();
    let goal: String = (1..count).map(|b| format!("(on b{} b{b})", b - 1)).collect();
    format!(
        "(define (problem any) (:domain blocks) (:objects{names} - block) (:init {}) \
         (:goal (and {goal})))",
        facts.join(" ")
    )
}

/// Items on the table and in bins, some wrong, lids open and closed. Every colour has its bin.
pub fn sorting(items: usize, colours: usize, draw: &mut Draw) -> String {
    let mut facts = vec!["(free-gripper)".to_owned()];
    for bin in 0..colours {
        let lid = ["open", "closed"][draw.roll(2)];
        facts.push(format!("({lid} bin{bin}) (bin-colour bin{bin} hue{bin})"));
    }
    for item in 0..items {
        let colour = draw.roll(colours);
        facts.push(format!("(item-colour i{item} hue{colour})"));
        match draw.roll(colours + 2) {
            bin if bin < colours => {
                facts.push(format!("(in i{item} bin{bin})"));
                facts.extend((bin == colour).then(|| format!("(sorted i{item})")));
            }
            _ => facts.push(format!("(on-table i{item})")),
        }
    }
    let list = |name: &str, count| (0..count).map(|i| format!(" {name}{i}")).collect::<String>();
    let goal: String = (0..items).map(|i| format!("(sorted i{i})")).collect();
    let lids: String = (0..colours).map(|b| format!("(closed bin{b})")).collect();
    format!(
        "(define (problem any) (:domain sorting) (:objects{} - item{} - bin{} - colour) \
         (:init {}) (:goal (and {goal} {lids})))",
        list("i", items),
        list("bin", colours),
        list("hue", colours),
        facts.join(" ")
    )
}

/// A kitchen with two surfaces, a stove and a toaster: things stand anywhere, pots are empty, some slices
/// are cut, none is toasted. The goal is two slices or eggs, each on a plate.
pub fn kitchen(slices: usize, eggs: usize, pots: usize, draw: &mut Draw) -> String {
    let kinds =
        [("knife", 1), ("loaf", 1), ("plate", 2), ("pot", pots), ("egg", eggs), ("slice", slices)];
    let mut objects = "counter table - surface stove - burner toaster - rack".to_owned();
    let mut facts = vec!["(free-gripper) (near-tap counter)".to_owned()];
    let mut free = vec!["stove", "toaster"];
    for (kind, count) in kinds {
        for thing in (0..count).map(|index| format!("{kind}{index}")) {
            objects += &format!(" {thing} - {kind}");
            let mut place = ["counter", "table"][draw.roll(2)];
            let apparatus = ["stove", "toaster"][usize::from(kind == "slice")];
            if ["pot", "slice"].contains(&kind) && free.contains(&apparatus) && draw.roll(3) == 0 {
                place = apparatus;
                free.retain(|a| *a != apparatus);
            } else if kind == "slice" && draw.roll(3) > 0 {
                facts.push(format!("(uncut {thing} loaf0)"));
                continue;
            }
            facts.push(format!("(at {thing} {place})"));
            facts.extend(["egg", "slice"].contains(&kind).then(|| format!("(raw {thing})")));
        }
    }
    facts.extend(free.iter().map(|apparatus| format!("(free {apparatus})")));
    facts.extend(["stove", "toaster"].map(|a| format!("({} {a})", ["on", "off"][draw.roll(2)])));
    let foods: Vec<String> = (0..slices)
        .map(|index| format!("slice{index}"))
        .chain((0..eggs).map(|index| format!("egg{index}")))
        .collect();
    let first = draw.roll(foods.len());
    let second = (first + 1 + draw.roll(foods.len() - 1)) % foods.len();
    let served = |food: usize, plate: usize| format!("(served {} plate{plate})", foods[food]);
    format!(
        "(define (problem any) (:domain kitchen) (:objects {objects}) (:init {}) (:goal (and {} {})))",
        facts.join(" "),
        served(first, draw.roll(2)),
        served(second, draw.roll(2))
    )
}
