"""The aggregator: Flower's FedAvg over the adapter's numbers, which are saved as every adapter is."""

from __future__ import annotations

from pathlib import Path

from flwr.app import ArrayRecord, Context
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg

from companion_flower.agreed import plan
from training.federate.learner import Talks
from training.tune import saving
from training.tune.methods import Shape
from training.tune.model import open_base

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Lead the rounds, then save the adapter."""
    agreed = plan(context.run_config)
    out = Path(str(context.run_config["out"]))
    own = Talks(open_base(str(context.run_config["model"])), (), (), out)
    first = ArrayRecord([own.prepare(agreed)])
    sites = agreed.sites
    strategy = FedAvg(fraction_evaluate=0.0, min_train_nodes=sites, min_available_nodes=sites)
    result = strategy.start(grid=grid, initial_arrays=first, num_rounds=agreed.rounds)
    [weights] = result.arrays.to_numpy_ndarrays()
    own.put(weights)
    saving.save(own.adapted, own.model, out / "adapter", Shape(rank=agreed.rank, alpha=agreed.alpha))
