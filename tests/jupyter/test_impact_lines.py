"""`%footprint why`, `assume`, `when` and `statement` in a real kernel over a replayed counter."""

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def kernel(module_kernel, tmp_path_factory):
    power = tmp_path_factory.mktemp("replay") / "power.csv"
    power.write_text("time_s,cpu0\n" + "".join(f"{n},100\n" for n in range(600)))
    one = module_kernel(IPYFOOTPRINT_REPLAY=str(power), IPYFOOTPRINT_ZONE="DE")
    one.run("%load_ext ipyfootprint")
    one.run("import ipyfootprint")
    one.run("%%footprint --label burn --work 2 epochs\nimport time; time.sleep(0.5)")
    return one


def text_of(reply):
    return "\n".join([*(data["text/plain"] for data in reply.shown), reply.text])


def test_why_lists_every_input_beside_the_sensors(kernel):
    text = text_of(kernel.run("%footprint why"))
    for name in ("energy_kwh", "pue", "intensity_g_per_kwh", "lifetime_years", "host_kg"):
        assert name in text
    assert "IPYFOOTPRINT_ZONE" in text and "lifecycle" in text and "Uptime" in text
    assert "replay" in text and "Energy is read from" in text


def test_assume_recomputes_beside_the_record_and_the_record_stays(kernel):
    text = text_of(kernel.run("%footprint assume pue=2 zone=FR lifetime=3y"))
    assert "recorded" in text and " pue " in text and "intensity_g_per_kwh" in text
    assert "water_l_per_kwh" not in text, "water moves no carbon"
    kernel.run("before = ipyfootprint.runs()")
    kernel.run("compared = ipyfootprint.assumptions(pue=2, zone='FR', lifetime='3y')")
    assert kernel.value("compared.now.embodied_g / compared.was.embodied_g") == pytest.approx(2)
    assert kernel.value("before == ipyfootprint.runs()")


def test_assume_without_a_change_shows_which_doubt_counts(kernel):
    assert "What the doubt in each input alone" in text_of(kernel.run("%footprint assume"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("assume pue=0.5", "Give 1 to 10"),
        ("assume zone=Atlantis", "Did you mean"),
        ("assume pou=1", "Did you mean pue"),
        ("when yesterday", "Type e.g. 30min or 2h"),
        ("statement per many epochs", "Type e.g. 40 epochs"),
        ("statement /no/such/folder/x.md", "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_type(kernel, typed, said):
    reply = kernel.run(f"%footprint {typed}")
    assert reply.status == "error" and "UsageError" in reply.text and said in reply.text


def test_when_advises_an_hour_and_a_place(kernel):
    text = text_of(kernel.run("%footprint when 2h"))
    assert "no total holds it" in text and "in NO" in text and "month and hour" in text
    assert kernel.value("len(ipyfootprint.when(7200).hours)") == 24


def test_a_statement_counts_every_run_and_names_its_functional_unit(kernel, tmp_path):
    text = text_of(kernel.run("%footprint statement per 40 epochs"))
    assert "failed or abandoned" in text and "per epoch (40 in all" in text and "PUE" in text
    path = tmp_path / "methods.md"
    assert "stated in" in kernel.run(f"%footprint statement {path}").text
    assert path.read_text().startswith("ipyfootprint")


def test_the_model_card_is_yaml_in_grams(kernel):
    import yaml

    card = yaml.safe_load(kernel.run("%footprint statement card").text)["co2_eq_emissions"]
    assert card["emissions"] > 0 and card["geographical_location"] == "DEU"
    assert yaml.safe_load(kernel.value("ipyfootprint.model_card()"))["co2_eq_emissions"]


def test_discrepancy_says_what_cannot_be_told_from_one_run(kernel):
    assert "cannot be told from 1 run" in kernel.run("%footprint discrepancy").text


def test_flops_without_torch_leave_the_cell_and_say_what_to_type(kernel):
    reply = kernel.run("%%footprint --flops -o plain\n1 + 1")
    assert reply.result == "2" and kernel.value("(plain.flops, plain.status)") == (None, "ok")
    assert "Import torch first" in text_of(reply)


FAKE_TORCH = """
import sys, types
def module(name, **names):
    made = sys.modules[name] = types.ModuleType(name)
    made.__dict__.update(names)
    return made
class Handle:
    def remove(self): hooks.clear()
hooks = []
class FlopCounterMode:
    def __init__(self, display): self.flops = 0; FlopCounterMode.last = self
    def __enter__(self): pass
    def __exit__(self, *error): self.left = True
    def get_total_flops(self): return 42
class Parameter:
    def numel(self): return 7
class Linear:
    def __init__(self): self.own = [Parameter(), Parameter()]
    def parameters(self): return self.own
for name in ("torch", "torch.nn", "torch.nn.modules", "torch.utils"): module(name)
module("torch.nn.modules.module",
       register_module_forward_pre_hook=lambda hook: (hooks.append(hook), Handle())[1])
module("torch.utils.flop_counter", FlopCounterMode=FlopCounterMode)
"""


def test_flops_and_parameters_are_counted_while_the_cell_runs_and_no_longer(new_kernel):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run(FAKE_TORCH)
    kernel.run(
        "%%footprint --flops -o run\n"
        "model = Linear()\nhooks[0](model, ()); hooks[0](model, ())\n1/0"
    )
    assert kernel.value("(run.flops, run.parameters, run.status)") == (42, 14, "error")
    assert kernel.value("(FlopCounterMode.last.left, hooks)") == (True, [])
