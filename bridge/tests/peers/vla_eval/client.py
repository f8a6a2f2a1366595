"""vla-eval's real connection against the example `still_server`.

usage: client.py PORT; exits 0 only if all holds.
"""

import json
import sys
import urllib.request

import anyio
import numpy as np
from vla_eval.connection import Connection
from vla_eval.protocol.numpy_codec import set_image_format
from vla_eval.specs import GRIPPER_CLOSE_POS, IMAGE_RGB, LANGUAGE, POSITION_DELTA, ROTATION_AA
from vla_eval.specs import STATE_EEF_POS_AA_GRIP, DimSpec, check_specs

port = int(sys.argv[1])
image = np.arange(64 * 48 * 3, dtype=np.uint32).astype(np.uint8).reshape(48, 64, 3)
observation = {
    "images": {"agentview": image, "wrist": image},
    "task_description": "Play Towers of Hanoi.",
    "state": np.zeros(8, np.float32),
}


async def main():
    url = f"http://127.0.0.1:{port}/health"
    assert json.load(urllib.request.urlopen(url)) == {"status": "ok"}
    async with Connection(f"ws://127.0.0.1:{port}") as connection:
        info = connection.server_info
        assert info["model_server"] == "still" and info["protocol_version"] == 1, info
        specs = [
            {key: DimSpec.from_dict(spec) for key, spec in info[kind].items()}
            for kind in ("action_spec", "observation_spec")
        ]
        actions = {"position": POSITION_DELTA, "rotation": ROTATION_AA, "gripper": GRIPPER_CLOSE_POS}
        senses = {"agentview": IMAGE_RGB, "wrist": IMAGE_RGB, "language": LANGUAGE}
        senses["state"] = STATE_EEF_POS_AA_GRIP
        warnings = check_specs(specs[0], actions, specs[1], senses)
        assert not warnings, warnings
        for picture_format in ("png", "raw"):
            set_image_format(picture_format)
            await connection.start_episode({"task": {"name": "hanoi"}})
            for _ in range(12):
                action = (await connection.act(observation))["actions"]
                np.testing.assert_array_equal(action, np.float32([0, 0, 0, 0, 0, 0, -1]))
            await connection.end_episode({"metrics": {"success": True}, "steps": 12, "elapsed_sec": 1.0})
        try:
            await connection.act({"images": {}, "task_description": "x"})
        except RuntimeError as error:
            assert "state" in str(error), error
        else:
            raise SystemExit("an observation without a state was answered")
        await connection.act(observation)


anyio.run(main)
print("vla-eval's real client agrees")
