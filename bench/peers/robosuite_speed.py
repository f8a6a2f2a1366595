"""robosuite's env.step rate, for `ergon bench sim --peer`: one JSON object a line.

Panda, Lift and Stack, 20 Hz control, OSC_POSE, random actions of at most 0.3, one camera (agentview)
at several sizes or none; processor time of this process, one thread.
Needs: pip install mujoco==3.3.7 numpy==1.26.4 robosuite==1.5.2 opencv-python-headless, and a software
OpenGL (Debian: libosmesa6).  usage: robosuite_speed.py SIZE...
"""

import json
import os
import sys
import time
import warnings

os.environ.setdefault("MUJOCO_GL", "osmesa")
os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import robosuite  # noqa: E402


def measure(task: str, pixels: int, steps: int) -> dict:
    cameras = {}
    if pixels:
        cameras = dict(camera_names=["agentview"], camera_heights=pixels, camera_widths=pixels, camera_depths=False)
    env = robosuite.make(
        task,
        robots="Panda",
        has_renderer=False,
        has_offscreen_renderer=pixels > 0,
        use_camera_obs=pixels > 0,
        control_freq=20,
        horizon=10**6,
        **cameras,
    )
    env.reset()
    rng = np.random.default_rng(0)

    def action():
        return np.r_[rng.uniform(-0.3, 0.3, env.action_dim - 1), -1.0]

    for _ in range(5):
        env.step(action())
    start = time.process_time()
    for _ in range(steps):
        env.step(action())
    rate = steps / (time.process_time() - start)
    version = f"robosuite {robosuite.__version__} {task}"
    env.close()
    return dict(peer=version, pixels=pixels, steps=steps, steps_per_sec=rate)


for size in map(int, sys.argv[1:] or ["0", "84", "128", "256"]):
    for task in ("Lift", "Stack"):
        print(json.dumps(measure(task, size, 200 if size == 0 else 50)), flush=True)
