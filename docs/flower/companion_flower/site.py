"""A site: Flower carries the numbers, `training.federate.learner` learns."""

from __future__ import annotations

from pathlib import Path

from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from companion_flower.agreed import plan
from training.data.sources.reading import Reading, read
from training.federate.learner import Talks
from training.tune.model import open_base

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    """Take the plan's steps from the weights that came, on dialogues that stay here."""
    agreed = plan(context.run_config)
    data = Path(str(context.node_config["data"]))
    learned = list(read([data], Reading()))
    site = Talks(open_base(str(context.run_config["model"])), learned, learned[:4], Path(f"{data}.run"))
    site.prepare(agreed)
    [weights] = message.content["arrays"].to_numpy_ndarrays()
    new, before = site.learn(weights, int(message.content["config"]["server-round"]) - 1)
    metrics = MetricRecord({"num-examples": site.lines, "loss": before.loss if before else 0.0})
    content = RecordDict({"arrays": ArrayRecord([new]), "metrics": metrics})
    return Message(content=content, reply_to=message)
