"""The real openpi-server for the example `ask`.

usage: server.py PORT none|error|slow|short|nan|wide; checks what it is asked, answers as a
policy that stays where it is, and from the third request on with the fault that is named.
"""

import sys
import time

import numpy as np
from openpi_client.base_policy import BasePolicy
from openpi_client.image_tools import resize_with_pad
from openpi_server import WebsocketPolicyServer


def pattern(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x + y, 2 * x, 3 * y], -1).astype(np.uint8)


class Still(BasePolicy):
    asked = 0

    def infer(self, obs):
        self.asked += 1
        for key, size in (("image", (320, 240)), ("wrist_image", (128, 128))):
            picture = obs[f"observation/{key}"]
            assert picture.dtype == np.uint8
            np.testing.assert_array_equal(picture, resize_with_pad(pattern(*size), 224, 224))
        state = obs["observation/state"]
        assert (state.shape, state.dtype) == ((8,), np.float32), state
        assert obs["prompt"] == "Play Towers of Hanoi."
        actions = np.zeros((50, 7), [np.float64, np.float32, np.float16][self.asked % 3])
        actions[:, 6] = -1
        if self.asked > 2:
            if fault == "error":
                raise ValueError("boom")
            if fault == "slow":
                time.sleep(30)
            if fault == "short":
                actions = actions[:, :3]
            if fault == "nan":
                actions[7, 1] = np.nan
            if fault == "wide":
                actions[:, 0] = 1.5
        return {"actions": actions, "policy_timing": {"infer_ms": 1.0}}

    def reset(self):
        pass


port, fault = int(sys.argv[1]), sys.argv[2]
WebsocketPolicyServer(Still(), "127.0.0.1", port, {"model": "check"}).serve_forever()
