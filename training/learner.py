"""Learner: low-rank matrices over a model, and what a batch of examples changes in them.

Only the tokens of the answer count, and only for them is the vocabulary, 262,144 words wide,
looked at: with all the tokens that alone would take longer than the rest. Everything is multiplied
in bfloat16; what is learnt is added up in single precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rag.generate.reading import NOT_SAID
from training.adapter import MODULES, write_gguf
from training.base import Base
from training.tokens import Encoded, batches

RANK: Final = 16
ALPHA: Final = 32

_LEARNING_RATE: Final = 4e-4
_LAST_SHARE: Final = 0.02  # of it
_WARMUP: Final = 0.04  # share of the steps
_WEIGHT_DECAY: Final = 0.01
_MAX_NORM: Final = 1.0  # of the gradient
_SEED: Final = 9


@dataclass(frozen=True, slots=True)
class Judged:
    """How the model does on examples that it does not learn from.

    Attributes
    ----------
    loss
        Of a token of an answer.
    identical
        Share of the answers that it would write token for token.
    auroc
        Of the probability that none says it.
    """

    loss: float
    identical: float
    auroc: float


class Learner:
    """The model with its low-rank matrices."""

    def __init__(self, base: Base) -> None:
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(_SEED)
        config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=list(MODULES))
        self.wrapped = get_peft_model(base.model, config, autocast_adapter_dtype=False)
        self._decoder = base.model.model
        self._head = base.model.lm_head
        self._pad = base.tokenizer.pad_token_id
        self._none = base.tokenizer(f" {NOT_SAID}", add_special_tokens=False).input_ids[0]
        self.names, self.working = zip(
            *(
                (name, parameter)
                for name, parameter in self.wrapped.named_parameters()
                if parameter.requires_grad
            ),
            strict=True,
        )
        self.exact = [each.detach().float().clone().requires_grad_() for each in self.working]
        self.optimizer = torch.optim.AdamW(
            self.exact, lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY, betas=(0.9, 0.98)
        )

    def logits(self, batch: Sequence[Encoded]) -> tuple[Any, Any]:
        """Return the logits of the answers' tokens, one after another, and the right tokens."""
        import torch

        width = max(example.n_tokens for example in batch) - 1
        ids = torch.full((len(batch), width), self._pad)
        mask = torch.zeros_like(ids)
        rows: list[int] = []
        columns: list[int] = []
        right: list[int] = []
        for row, (prompt, answer, _) in enumerate(batch):
            tokens = prompt + answer[:-1]
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
            rows.extend([row] * len(answer))
            columns.extend(range(len(prompt) - 1, len(tokens)))
            right.extend(answer)
        states = self._decoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self._head(states[rows, columns]).float(), torch.tensor(right)

    def step(self, batch: Sequence[Encoded], share: float) -> float:
        """Learn from a batch; return the mean loss of a token.

        Parameters
        ----------
        share
            Of the way that is behind, in [0, 1].
        """
        import torch

        logits, right = self.logits(batch)
        loss = torch.nn.functional.cross_entropy(logits, right)
        torch.autograd.backward(loss)
        for exact, working in zip(self.exact, self.working, strict=True):
            exact.grad = working.grad.float()
            working.grad = None
        torch.nn.utils.clip_grad_norm_(self.exact, _MAX_NORM)
        rising = min(1.0, (share + 1e-4) / _WARMUP)
        falling = 0.5 * (1 + math.cos(math.pi * share))
        for group in self.optimizer.param_groups:
            group["lr"] = _LEARNING_RATE * rising * max(falling, _LAST_SHARE)
        self.optimizer.step()
        self._copy()
        return float(loss.item())

    def judge(self, examples: Sequence[Encoded]) -> Judged:
        """Look at examples without learning from them."""
        import torch
        from sklearn.metrics import roc_auc_score

        losses: list[float] = []
        same: list[bool] = []
        none: list[tuple[bool, float]] = []
        with torch.no_grad():
            for batch in batches(examples, 0):
                logits, right = self.logits(batch)
                likely = logits.log_softmax(-1)
                losses.extend((-likely.gather(1, right[:, None])).flatten().tolist())
                hits = (likely.argmax(-1) == right).tolist()
                at = 0
                for example in batch:
                    same.append(all(hits[at : at + len(example.answer)]))
                    none.append((not example.is_said, float(likely[at, self._none])))
                    at += len(example.answer)
        truths, scores = zip(*none, strict=True)
        auroc = roc_auc_score(truths, scores) if len(set(truths)) > 1 else math.nan
        return Judged(sum(losses) / len(losses), sum(same) / len(same), float(auroc))

    def state(self) -> dict[str, Any]:
        """Return all that the next step needs."""
        return {"exact": self.exact, "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up where a checkpoint stopped."""
        for exact, kept in zip(self.exact, state["exact"], strict=True):
            exact.data.copy_(kept.data)
        self.optimizer.load_state_dict(state["optimizer"])
        self._copy()

    def write(self, target: Path) -> None:
        """Write the matrices as llama.cpp reads them."""
        matrices = {n: each.detach() for n, each in zip(self.names, self.exact, strict=True)}
        write_gguf(matrices, ALPHA, target)

    def _copy(self) -> None:
        import torch

        with torch.no_grad():
            for exact, working in zip(self.exact, self.working, strict=True):
                working.copy_(exact)
