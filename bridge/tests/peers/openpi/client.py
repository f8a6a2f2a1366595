"""The real openpi-client against the example `still_server`.

usage: client.py PORT COMMANDS; exits 0 only if all holds.
"""

import sys
import urllib.request

import numpy as np
from openpi_client.action_chunk_broker import ActionChunkBroker
from openpi_client.websocket_client_policy import WebsocketClientPolicy

port, commands = map(int, sys.argv[1:])
assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read() == b"OK\n"
policy = WebsocketClientPolicy("127.0.0.1", port)
assert policy.get_server_metadata()["policy"] == "still", policy.get_server_metadata()
image = np.full((224, 224, 3), 90, np.uint8)
observation = {
    "observation/image": image,
    "observation/wrist_image": image,
    "observation/state": np.zeros(8, np.float32),
    "prompt": "Play Towers of Hanoi.",
}
for turn in range(3):
    reply = policy.infer(observation)
    assert reply["actions"].shape == (commands, 7) and reply["actions"].dtype == np.float32
    assert (reply["actions"] == [0, 0, 0, 0, 0, 0, -1]).all()
    assert reply["server_timing"]["infer_ms"] >= 0
    assert ("prev_total_ms" in reply["server_timing"]) == (turn > 0)
# Pictures as channels first and as floats, numbers in double precision: all that policies there take.
policy.infer(observation | {"observation/image": np.zeros((3, 64, 48), np.float32)})
policy.infer(observation | {"observation/state": np.zeros(8, np.float64)})
assert ActionChunkBroker(policy, commands).infer(observation)["actions"].shape == (7,)
for bad, part in (
    ({"prompt": 7}, "prompt"),
    ({"observation/state": np.zeros(3, np.float32)}, "observation/state"),
    ({"observation/state": np.full(8, np.nan)}, "finite"),
    ({"observation/image": np.zeros((2, 2), np.uint8)}, "observation/image"),
):
    try:
        WebsocketClientPolicy("127.0.0.1", port).infer(observation | bad)
    except RuntimeError as error:
        assert part in str(error), error
    else:
        raise SystemExit(f"{bad} was answered")
policy.infer(observation)
print("the real openpi-client agrees")
