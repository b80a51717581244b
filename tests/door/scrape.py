"""Reading ``GET /metrics`` as Prometheus does, for tests."""

from prometheus_client.parser import text_string_to_metric_families


class Page:
    """One page in the text format. Samples are found by name and some of their labels, and added up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def __getitem__(self, name: str) -> float:
        return self.sum(name)

    def sum(self, name: str, **labels: str) -> float:
        """KeyError if there is none."""
        found = [s.value for s in self._samples if s.name == name and labels.items() <= s.labels.items()]
        if not found:
            raise KeyError(name, labels)
        return sum(found)

    def not_zero(self, name: str, label: str) -> dict[str, float]:
        """By one label; what is 0 is left out."""
        found: dict[str, float] = {}
        for sample in self._samples:
            if sample.name == name and sample.value:
                found[sample.labels[label]] = found.get(sample.labels[label], 0) + sample.value
        return found
