from .causal import CausalModel
from .changes import Change
from .checkpoints import Checkpoints
from .extraction import word_states
from .layers import Layers
from .model import LanguageModel
from .prompt_extraction import prompt_states
from .prompt_files import LabelledPrompt, read_prompts
from .prompt_layers import PromptLayers
from .templates import TEMPLATES, Prompt

__all__ = [
    "TEMPLATES",
    "CausalModel",
    "Change",
    "Checkpoints",
    "LabelledPrompt",
    "LanguageModel",
    "Layers",
    "Prompt",
    "PromptLayers",
    "prompt_states",
    "read_prompts",
    "word_states",
]
