"""Ergon through unified-planning: statuses, guarantees, and the planner's end with its caller.

usage: ERGON=path/to/ergon python test_up_ergon.py
"""

import faulthandler
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from unified_planning.engines import PlanGenerationResultStatus as Status
from unified_planning.io import PDDLReader
from unified_planning.shortcuts import AnytimePlanner, OneshotPlanner, PlanValidator, get_environment

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import up_ergon  # noqa: E402

HANOI = HERE.parents[1] / "domains/hanoi"


def hanoi(number: int):
    return PDDLReader().parse_problem(str(HANOI / "domain.pddl"), str(HANOI / f"p{number:02}.pddl"))


class Ergon(unittest.TestCase):
    def setUp(self):
        get_environment().credits_stream = None
        up_ergon.register()

    def test_a_plan_is_found_and_valid(self):
        problem = hanoi(4)
        with OneshotPlanner(name="ergon") as planner:
            result = planner.solve(problem)
        self.assertEqual(result.status, Status.SOLVED_SATISFICING)
        with PlanValidator(problem_kind=problem.kind, plan_kind=result.plan.kind) as judge:
            self.assertTrue(judge.validate(problem, result.plan))

    def test_optimal_plans_say_so(self):
        with OneshotPlanner(name="ergon-opt") as planner:
            result = planner.solve(hanoi(3))
        self.assertEqual(result.status, Status.SOLVED_OPTIMALLY)
        self.assertEqual(len(result.plan.actions), 14)

    def test_no_plan_is_a_proof(self):
        problem = hanoi(3)
        on, c1, c3 = problem.fluent("on"), problem.object("c1"), problem.object("c3")
        problem.add_goal(on(c3, c1))
        with OneshotPlanner(name="ergon") as planner:
            self.assertEqual(planner.solve(problem).status, Status.UNSOLVABLE_PROVEN)

    def test_time_runs_out(self):
        with OneshotPlanner(name="ergon", params={"search": "astar-lmcut"}) as planner:
            result = planner.solve(hanoi(10), timeout=0.5)
        self.assertEqual((result.status, result.plan), (Status.TIMEOUT, None))

    def test_anytime_plans_get_no_worse(self):
        searches = subprocess.run([up_ergon.program(), "plan", "--help"], capture_output=True, text=True)
        if "anytime" not in searches.stdout.split("--search", 1)[1].split("--time", 1)[0]:
            self.skipTest("this ergon has no anytime search")
        with AnytimePlanner(name="ergon") as planner:
            lengths = [len(r.plan.actions) for r in planner.get_solutions(hanoi(5), timeout=5) if r.plan]
        self.assertEqual(lengths, sorted(lengths, reverse=True))
        self.assertEqual(lengths[-1], 62)

    def test_the_planner_ends_with_its_caller(self):
        caller = (
            "import sys; sys.path.insert(0, sys.argv[1]); import up_ergon, subprocess;"
            "c = up_ergon.ErgonEngine('astar-lmcut')._get_cmd(sys.argv[2], sys.argv[3], '/dev/null');"
            "p = subprocess.Popen(c, start_new_session=True); print(p.pid, flush=True); p.wait()"
        )
        files = [str(HANOI / name) for name in ("domain.pddl", "p10.pddl")]
        process = subprocess.Popen(
            [sys.executable, "-c", caller, str(HERE), *files], stdout=subprocess.PIPE, text=True
        )
        planner = int(process.stdout.readline())
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for _ in range(100):
            if not alive(planner):
                return
            time.sleep(0.05)
        os.kill(planner, signal.SIGKILL)
        self.fail("the planner outlived its caller")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    # unified-planning waits forever for a reader that has failed.
    faulthandler.dump_traceback_later(300, exit=True)
    unittest.main()
