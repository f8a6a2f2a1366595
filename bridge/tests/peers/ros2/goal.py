"""A real rclpy client of `ergon node`: asks for facts, plans and a whole execution.

usage: goal.py DOMAIN.pddl PROBLEM.pddl [--execute] [--nobody]   with --nobody there is no robot: an
execution waits for one, and is called off"""

import argparse
import pathlib
import time

import rclpy
from ergon_msgs.action import Execute, MakePlan
from ergon_msgs.srv import GetFacts, SetGoal, ValidatePlan
from plansys2_msgs.action import ExecutePlan
from plansys2_msgs.msg import ActionExecutionInfo, Node, Param, Plan, PlanItem, Tree
from plansys2_msgs.srv import AddProblemGoal, GetDomain, GetPlan, GetProblemGoal, GetProblemInstances, GetStates, ValidateDomain
from rclpy.action import ActionClient

arguments = argparse.ArgumentParser()
arguments.add_argument("domain", type=pathlib.Path)
arguments.add_argument("problem", type=pathlib.Path)
arguments.add_argument("--execute", action="store_true")
arguments.add_argument("--nobody", action="store_true")
arguments = arguments.parse_args()
domain, problem = arguments.domain.read_text(), arguments.problem.read_text()

rclpy.init()
node = rclpy.create_node("check_goal")


def wait(future, timeout):
    rclpy.spin_until_future_complete(node, future, timeout_sec=timeout)
    assert future.done(), "no answer in time"
    return future.result()


def call(kind, name, timeout=20, **fields):
    client = node.create_client(kind, name)
    assert client.wait_for_service(15.0), f"no service {name}"
    return wait(client.call_async(kind.Request(**fields)), timeout)


def goal(client, goal, feedback):
    assert client.wait_for_server(15.0), "no action server"
    return wait(client.send_goal_async(goal, feedback_callback=lambda m: feedback.append(m.feedback)), 10)


def spin(seconds):
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        rclpy.spin_once(node, timeout_sec=0.1)


def call_off(handle, within):
    begin = time.monotonic()
    wait(handle.cancel_goal_async(), within)
    result = wait(handle.get_result_async(), within)
    print(f"called off: status {result.status}, {result.result.outcome}, after {time.monotonic() - begin:.1f} s")
    return result


if arguments.nobody:
    handle = goal(ActionClient(node, Execute, "/ergon/execute"), Execute.Goal(), [])
    assert handle.accepted
    spin(3)
    result = call_off(handle, 3)
    assert result.status == 5 and result.result.outcome == "cancelled", result
    print("NOBODY OK")
    raise SystemExit

answer = call(GetDomain, "/domain_expert/get_domain")
assert answer.success and "(define (domain" in answer.domain, answer
answer = call(ValidateDomain, "/planner/validate_domain", domain=domain)
assert answer.success and not answer.error_info, answer
answer = call(ValidateDomain, "/planner/validate_domain", domain="(define (domain broken")
assert not answer.success and "domain:1" in answer.error_info, answer
print("a broken domain:", answer.error_info)

answer = call(GetPlan, "/planner/get_plan", domain=domain, problem=problem)
assert answer.success and answer.plan.items, answer
plan = [item.action for item in answer.plan.items]
print("get_plan:", len(plan), "actions, the first", plan[0])
answer = call(ValidatePlan, "/ergon/validate_plan", domain=domain, problem=problem, plan=plan)
assert answer.success, answer
answer = call(ValidatePlan, "/ergon/validate_plan", domain=domain, problem=problem, plan=plan[1:])
assert not answer.success and answer.error_info, answer
answer = call(GetPlan, "/planner/get_plan", domain=domain, problem="(define (problem p)")
assert not answer.success and answer.error_info, answer

tree = call(GetProblemGoal, "/problem_expert/get_problem_goal").tree
assert tree.nodes[0].node_type == Node.AND and tree.nodes[0].children, tree
print("get_problem_goal:", len(tree.nodes), "nodes")
answer = call(GetProblemInstances, "/problem_expert/get_problem_instances")
assert answer.success and all(i.name and i.type for i in answer.instances), answer
answer = call(AddProblemGoal, "/problem_expert/add_problem_goal", tree=tree)
assert answer.success, answer
assert call(GetProblemGoal, "/problem_expert/get_problem_goal").tree == tree
nowhere = Node(node_type=Node.PREDICATE, name="on", parameters=[Param(name="nothing"), Param(name="nowhere")])
answer = call(AddProblemGoal, "/problem_expert/add_problem_goal", tree=Tree(nodes=[nowhere]))
assert not answer.success and answer.error_info, answer
print("a goal of nothing:", answer.error_info)

feedback = []
client = ActionClient(node, MakePlan, "/ergon/make_plan")
handle = goal(client, MakePlan.Goal(domain=domain, problem=problem, time_secs=2.0), feedback)
assert handle.accepted
result = wait(handle.get_result_async(), 30).result
assert result.success and feedback and len(result.plan) <= len(plan), (result, len(feedback))
print("make_plan:", result.cost, "after", len(feedback), "plans as feedback")

if arguments.execute:
    answer = call(SetGoal, "/ergon/set_goal", goal="(on nothing nowhere)")
    assert not answer.success and answer.error_info, answer
    client = ActionClient(node, Execute, "/ergon/execute")
    handle = goal(client, Execute.Goal(), [])
    assert handle.accepted
    spin(2)
    call_off(handle, 30)
    feedback = []
    handle = goal(client, Execute.Goal(), feedback)
    assert handle.accepted
    result = wait(handle.get_result_async(), 300)
    steps = {f.action for f in feedback if f.event == "action"}
    print("execute:", result.status, result.result.outcome, result.result.error_info, "after", len(steps), "steps")
    assert result.status == 4 and result.result.success and len(steps) > 1, result
    answer = call(GetStates, "/problem_expert/get_problem_predicates")
    assert answer.success and any(state.name == "on" for state in answer.states), answer
    # As PlanSys2's executor: the same steps, then without the first of them. What is imagined begins anew each time.
    done = [f.action for f in feedback if f.event == "action"]
    client = ActionClient(node, ExecutePlan, "/execute_plan")
    assert not goal(client, ExecutePlan.Goal(), []).accepted, "a plan without steps"
    for actions, status in ((done, 4), (done[1:], 6)):
        fates, items = [], [PlanItem(time=float(i), action=action, duration=1.0) for i, action in enumerate(actions)]
        handle = goal(client, ExecutePlan.Goal(plan=Plan(items=items)), fates)
        assert handle.accepted
        result = wait(handle.get_result_async(), 300)
        told = result.result.action_execution_status
        print("execute_plan:", result.status, len(told), "actions,", len(fates), "feedbacks,", told[0].message_status)
        assert result.status == status and result.result.success == (status == 4), result
        assert [info.action_full_name for info in told] == actions, told
        expected = ActionExecutionInfo.SUCCEEDED if status == 4 else ActionExecutionInfo.NOT_EXECUTED
        assert all(info.status == expected for info in told), told
    answer = call(GetFacts, "/ergon/get_facts")
    assert answer.success and any(fact.startswith("(on ") for fact in answer.facts), answer
print("GOAL OK")
