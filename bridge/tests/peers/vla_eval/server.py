"""vla-eval's real model server for the example `ask`.

usage: server.py PORT [CHUNK]; checks what it is asked and stays where it is.
"""

import sys

import numpy as np
from vla_eval.model_servers.predict import PredictModelServer
from vla_eval.model_servers.serve import serve


class Still(PredictModelServer):
    def get_action_spec(self):
        return {}

    def get_observation_spec(self):
        return {}

    def predict(self, obs, ctx):
        assert obs["images"]["agentview"].shape == (240, 320, 3), obs["images"]["agentview"].shape
        assert obs["images"]["wrist"].shape == (128, 128, 3)
        assert obs["images"]["agentview"].dtype == np.uint8
        assert (obs["state"].shape, obs["state"].dtype) == ((8,), np.float32)
        assert obs["task_description"] == "Play Towers of Hanoi."
        actions = np.zeros((16, 7))
        actions[:, 6] = -1
        return {"actions": actions}


serve(Still(chunk_size=int(sys.argv[2]) if len(sys.argv) > 2 else None), "127.0.0.1", int(sys.argv[1]))
