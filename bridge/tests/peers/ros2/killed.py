"""Kills a bridge in mid-motion and measures how long the arm goes on.

usage: killed.py COMMAND...   the command is an armed bridge; it is killed 3 s after the arm first moves"""

import signal
import subprocess
import sys
import time

import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState

STILL = 1e-5  # rad between two joint states
LIMIT = 2.0  # s, the longest motion


def main():
    rclpy.init()
    node = rclpy.create_node("check_killed")
    last, moved = None, None

    def take(message):
        nonlocal last, moved
        now = dict(zip(message.name, message.position))
        if last and max(abs(now[n] - last[n]) for n in now if "finger" not in n) > STILL:
            moved = time.monotonic()
        last = now

    node.create_subscription(JointState, "/joint_states", take, qos_profile_sensor_data)
    bridge = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    begin = time.monotonic()
    while moved is None and time.monotonic() - begin < 60:
        rclpy.spin_once(node, timeout_sec=0.05)
    assert moved, "the arm never moved"
    first = time.monotonic()
    # In mid-motion: right after a joint state that shows one.
    while time.monotonic() - first < 3 or time.monotonic() - moved > 0.03:
        rclpy.spin_once(node, timeout_sec=0.01)
    bridge.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    while time.monotonic() - killed < 5:
        rclpy.spin_once(node, timeout_sec=0.01)
    rest = max(0.0, moved - killed)
    print(f"RESTS {rest:.3f} s after the kill", "OK" if rest <= LIMIT else "TOO LATE")


main()
