"""Return something that is not what it looks like."""

from tests.attacks.attack import RIGHT, WRONG, Attack

SUBCLASS = """
class Equal(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.tensor(True)
"""
PATIENT = """
class Patient(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function in (torch.Tensor.sub, torch.Tensor.__sub__, torch.Tensor.__rsub__):
            return torch.zeros(1)
        return super().__torch_function__(function, types, args, kwargs or {})
"""
HOLLOW = """
class Hollow(torch.Tensor):
    @staticmethod
    def __new__(cls, like):
        return torch.Tensor._make_wrapper_subclass(cls, like.shape, dtype=like.dtype)
    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return torch.tensor(True)
"""
ARRAY = """
import numpy as np
class Array(np.ndarray):
    def __array_ufunc__(self, *a, **k):
        return np.zeros(1)
    __eq__ = lambda self, other: np.ones(1, bool)
"""
ELASTIC = """
class Elastic(torch.Tensor):
    sizes = iter([(1, 3, 64, 64), (2, 3, 32, 32)] * 50)
    @property
    def shape(self):
        return torch.Size(next(Elastic.sizes))
"""
DISGUISE = """
class Disguise:
    __class__ = torch.Tensor
    is_sparse = is_quantized = False
    device = torch.device('cpu')
    def __getattr__(self, name):
        return lambda *a, **k: self
    def __eq__(self, other):
        return True
    __hash__ = None
"""
FRAME = """
import json, struct
def forge(reply, data=b'', magic=b'pset', text_length=None, data_length=None):
    text = json.dumps(reply).encode()
    head = struct.pack('<4sII', magic, text_length or len(text), data_length or len(data))
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, head + text + data)
        except OSError:
            pass
"""

ATTACKS = {
    "always-equal": Attack("return Equal(im)", SUBCLASS),
    "equal-when-compared": Attack("return im.as_subclass(Patient)", PATIENT),
    "nothing-inside": Attack("return Hollow(im)", HOLLOW),
    "array": Attack("return im.numpy().view(Array)", ARRAY),
    "changing-shape": Attack("return im.as_subclass(Elastic)", ELASTIC),
    "disguise": Attack("return Disguise()", DISGUISE),
    "nan": Attack("return im * float('nan')", says="NaN"),
    "infinite": Attack("return im / 0"),
    "sparse": Attack("return im.to_sparse()", says="layout"),
    "meta": Attack("return im.to('meta')", says="layout"),
    "quantised": Attack("return torch.quantize_per_tensor(im, 0.1, 0, torch.qint8)", says="layout"),
    "endless-expand": Attack("return torch.zeros(1).expand(1 << 40)"),
    "complex": Attack("return torch.complex(im, im)"),
    "generator": Attack("yield im", says="generator"),
    "equal-to-all": Attack(
        "return type('Yes', (), {'__eq__': lambda s, o: True, 'shape': im.shape})()"
    ),
    "mutates-later": Attack(
        "import threading, time\n"
        "answer = im.clone()\n"
        "def later():\n"
        "    for _ in range(50):\n"
        "        answer.add_(1)\n"
        "        time.sleep(0.01)\n"
        "threading.Thread(target=later, daemon=True).start()\n"
        "return answer"
    ),
    "view-that-mutates": Attack(
        "import threading, time\n"
        "base = im.repeat(2, 1, 1, 1)\n"
        "def later():\n"
        "    for _ in range(50):\n"
        "        base.mul_(0.9)\n"
        "        time.sleep(0.01)\n"
        "threading.Thread(target=later, daemon=True).start()\n"
        "return base[: len(im)]"
    ),
    "forged-right": Attack(
        f"forge({{'status': 'returned', 'error': '', 'points': 10}})\n{RIGHT}", FRAME
    ),
    "forged-size": Attack(
        f"forge({{'status': 'returned'}}, data_length=0xFFFFFFF0)\n{WRONG}", FRAME
    ),
    "forged-pickle": Attack(
        "import pickle\n"
        "class Run:\n"
        "    def __reduce__(self):\n"
        "        return os.system, ('touch @RESULTS@/planted',)\n"
        f"forge({{'status': 'returned'}}, pickle.dumps(Run()))\n{WRONG}",
        FRAME,
    ),
    "forged-tensor": Attack(
        "header = json.dumps({'answer': {'dtype': 'F32', 'shape': [1 << 60], "
        "'data_offsets': [0, 4]}}).encode()\n"
        "data = struct.pack('<Q', len(header)) + header + b'abcd'\n"
        f"forge({{'status': 'returned'}}, data)\n{WRONG}",
        FRAME,
    ),
    "forged-fifty-megabytes-of-notes": Attack(
        f"forge({{'status': 'ready', 'notes': ['x' * 1000] * 50000}})\n{WRONG}", FRAME
    ),
}
