"""How long a decision takes to the wire, and how evenly decisions arrive there.

A real action server takes the motions; the kernel's time stamps of the packets on loopback say when
each was on the wire. Needs root, and a network of its own (lo.sh).
usage: latency.py STREAM ROBOT.toml RATE_HZ COUNT"""

import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

import rclpy
from control_msgs.action import FollowJointTrajectory, GripperCommand
from rclpy.action import ActionServer
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState

SO_TIMESTAMPNS = 35
JOINTS = [f"panda_joint{i}" for i in range(1, 8)]
HOME = [0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785]
# The goal's id lies this many bytes before the first joint's name: id 16, stamp 8, frame 8, lengths 8.
ID_BEFORE_NAME = 40
NAME = b"panda_joint1\0"


class Sink(Node):
    def __init__(self):
        super().__init__("check_sink")
        self.states = self.create_publisher(JointState, "/joint_states", 10)
        self.create_timer(0.02, self.publish)
        self.arm = ActionServer(self, FollowJointTrajectory, "/arm_controller/follow_joint_trajectory", self.take)
        self.gripper = ActionServer(self, GripperCommand, "/gripper_controller/gripper_cmd", self.grip)

    def publish(self):
        self.states.publish(JointState(name=JOINTS + ["panda_finger_joint1"], position=HOME + [0.04]))

    def take(self, handle):
        handle.succeed()
        return FollowJointTrajectory.Result()

    def grip(self, handle):
        handle.succeed()
        return GripperCommand.Result()


def sniff(seen, ended):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind(("lo", 0))
    wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    wire.settimeout(0.2)
    while not ended.is_set():
        try:
            packet, extra, _, _ = wire.recvmsg(65536, 256)
        except TimeoutError:
            continue
        if b"panda_finger" in packet:
            continue
        stamp = next(data for level, kind, data in extra if kind == SO_TIMESTAMPNS)
        sec, nsec = struct.unpack("qq", stamp[:16])
        # Motions that were held up share a packet.
        at = packet.find(NAME)
        while at >= ID_BEFORE_NAME:
            seen.setdefault(packet[at - ID_BEFORE_NAME : at - ID_BEFORE_NAME + 16], sec * 10**9 + nsec)
            at = packet.find(NAME, at + 1)


stream, robot, rate, count = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
seen, ended = {}, threading.Event()
sniffer = threading.Thread(target=sniff, args=(seen, ended))
sniffer.start()
rclpy.init()
executor = SingleThreadedExecutor()
executor.add_node(Sink())
process = subprocess.Popen([stream, robot, sys.argv[3], sys.argv[4]], stdout=subprocess.PIPE, text=True)
while process.poll() is None:
    executor.spin_once(timeout_sec=0.05)
time.sleep(0.3)
ended.set()
sniffer.join()
decided = [int(line) for line in process.stdout.read().split()]
wire = list(seen.values())
assert len(decided) == count == len(wire), (len(decided), len(wire), process.returncode)


def figures(name, values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(share * len(values)))]
    print(f"{name:22} median {at(0.5):7.3f}  95 % {at(0.95):7.3f}  99 % {at(0.99):7.3f}  largest {values[-1]:7.3f} ms")


print(f"{count} motions at {rate:g} Hz")
figures("decision to wire", [(w - d) / 1e6 for d, w in zip(decided, wire)])
gaps = [(b - a) / 1e6 for a, b in zip(wire, wire[1:])]
figures("off the period", [abs(gap - 1e3 / rate) for gap in gaps])
print(f"period on the wire     mean {statistics.mean(gaps):.3f} ms, deviation {statistics.pstdev(gaps):.3f} ms")
print("LATENCY OK")
