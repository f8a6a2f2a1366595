"""An independent judge of plans: unified-planning's reader and sequential plan validator.

usage: validate.py DOMAIN PROBLEM PLAN; exits 0 only for a valid plan.
"""

import sys

from unified_planning.io import PDDLReader
from unified_planning.shortcuts import PlanValidator, get_environment

get_environment().credits_stream = None
problem = PDDLReader().parse_problem(sys.argv[1], sys.argv[2])
plan = PDDLReader().parse_plan(problem, sys.argv[3])
with PlanValidator(problem_kind=problem.kind, plan_kind=plan.kind) as judge:
    verdict = judge.validate(problem, plan)
if not verdict:
    raise SystemExit(f"invalid: {verdict}")
print(f"unified-planning agrees: valid, {len(plan.actions)} steps")
