# ruff: noqa
# fmt: off
"""A small evaluator of serialised Earth Engine graphs over NumPy arrays, for tests only.

It runs the real earthengine-api client with the algorithm signatures of the installed package, and
takes the place of the server only: ee.data.computeValue, computePixels and getAlgorithms.

* There is one fixed grid. Nothing is reprojected: another projection is an error.
* An algorithm that is not here raises NotImplementedError: nothing is approximated silently.
* Choices that no documentation settles are listed in ASSUMPTIONS and counted in Session.notes.
"""
from __future__ import annotations
import collections, contextlib, datetime as dt, json, math, re, warnings
import numpy as np
import ee
from ee import ee_exception
from ee.apitestcase import GetAlgorithms

EEException = ee_exception.EEException

ASSUMPTIONS = {
    'percentile': "interpolation rule of Reducer.percentile on few values is undocumented; default Hyndman-Fan 7 "
                  "(numpy 'linear'), selectable with Session(percentile_method=...)",
    'histogram': 'percentile/median above maxRaw are histogram based in EE; here always exact',
    'float32': "int/int division and .float() give EE type 'float'; computed in float64 unless Session(float32=True)",
    'intrange': 'integer arithmetic never overflows here (int64); casts clamp and truncate (documented for Number.toIntN)',
    'linearFit_degenerate': 'x variance 0 or n<2 -> scale/offset masked (EE behaviour not documented)',
    'sens_offset': 'sensSlope offset = median(y - slope*x) (EE only documents "the offset")',
    'region_weights': 'reduceRegion uses pixel-centre inclusion with weight 1; EE weights edge pixels for weighted reducers',
    'fractional_masks': 'masks are kept as floats in updateMask/mask() but reducers treat mask>0 as weight 1',
    'null_filter': 'filters on a missing property evaluate to False (so Filter.not of it is True)',
    'gammainc': "the description says 'gamma(x,a)' for image1, image2 and not which is the shape; Session(gammainc_shape=1 or 2)",
    'props_arith': 'binary arithmetic drops properties except system:index/footprint of image1',
}

# ---------------------------------------------------------------- values
INT_RANGES = {'int8': (-128, 127), 'uint8': (0, 255), 'byte': (0, 255), 'int16': (-32768, 32767), 'short': (-32768, 32767),
              'uint16': (0, 65535), 'int32': (-2**31, 2**31-1), 'int': (-2**31, 2**31-1), 'uint32': (0, 2**32-1),
              'int64': (-2**63, 2**63-1), 'long': (-2**63, 2**63-1)}
RANK = {'int': 0, 'float': 1, 'double': 2}


class Band:
    __slots__ = ('name', 'data', 'mask', 'kind', 'rng')

    def __init__(self, name, data, mask, kind, rng=None):
        self.name, self.data, self.mask, self.kind, self.rng = name, data, mask, kind, rng

    def but(self, **kw):
        b = Band(self.name, self.data, self.mask, self.kind, self.rng)
        for k, v in kw.items(): setattr(b, k, v)
        return b

    @property
    def valid(self): return self.mask > 0


class Image:
    ee_type = 'Image'

    def __init__(self, bands, props=None, id=None):
        self.bands, self.props, self.id = list(bands), dict(props or {}), id

    def names(self): return [b.name for b in self.bands]
    def but(self, bands): return Image(bands, self.props, self.id)


class Feature:
    ee_type = 'Feature'
    def __init__(self, geometry=None, props=None): self.geometry, self.props = geometry, dict(props or {})


class Collection:
    def __init__(self, items, image=True, props=None):
        self.items, self.image, self.props = list(items), image, dict(props or {})
    @property
    def ee_type(self): return 'ImageCollection' if self.image else 'FeatureCollection'


class Algorithm:
    def __init__(self, fn, names): self.fn, self.names = fn, names
    def __call__(self, *a, **k): return self.fn(*a, **k)


class Reducer:
    def __init__(self, name, **p): self.name, self.p = name, p


class Projection:
    def __init__(self, grid): self.grid = grid


class Geometry:
    """List of polygons, each a list of rings [[x,y],...]; planar point-in-polygon on grid coordinates."""
    def __init__(self, polys, points=()): self.polys, self.points = polys, list(points)


class Date:
    def __init__(self, ms): self.ms = int(ms)
    @property
    def d(self): return dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=self.ms)


class DateRange:
    def __init__(self, a, b): self.a, self.b = a, b


def to_ms(v):
    if isinstance(v, Date): return v.ms
    if isinstance(v, (int, float)): return int(v)
    for f in ('%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%j', '%Y-%m', '%Y'):
        try: return int((dt.datetime.strptime(v, f) - dt.datetime(1970, 1, 1)).total_seconds() * 1000)
        except ValueError: pass
    raise EEException(f'Date: cannot parse {v!r}')


class Grid:
    """Fixed grid. transform = (xScale, 0, xTranslation, 0, yScale(<0), yTranslation) as in EE crs_transform."""
    def __init__(self, height, width, transform=None, crs='EPSG:4326', nominal_scale=None):
        self.h, self.w, self.crs = height, width, crs
        self.t = tuple(transform or (1 / width, 0, 0, 0, -1 / height, 1))
        self.scale = nominal_scale or abs(self.t[0]) * (111319.49079327358 if crs == 'EPSG:4326' else 1)
    @property
    def shape(self): return (self.h, self.w)
    def centres(self):
        x = self.t[2] + (np.arange(self.w) + .5) * self.t[0]
        y = self.t[5] + (np.arange(self.h) + .5) * self.t[4]
        return np.meshgrid(x, y)
    def footprint(self):
        x0, x1 = self.t[2], self.t[2] + self.w * self.t[0]
        y0, y1 = self.t[5], self.t[5] + self.h * self.t[4]
        return Geometry([[[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]]])
    def inside(self, g):
        X, Y = self.centres(); out = np.zeros(self.shape, bool)
        for poly in g.polys:
            m = np.zeros(self.shape, bool)
            for ring in poly:  # even-odd over rings => holes handled
                n = len(ring); j = n - 1
                for i in range(n):
                    xi, yi = ring[i][:2]; xj, yj = ring[j][:2]
                    if yi != yj:
                        with np.errstate(all='ignore'):
                            c = ((yi > Y) != (yj > Y)) & (X < (xj - xi) * (Y - yi) / (yj - yi) + xi)
                        m ^= c
                    j = i
            out |= m
        for (x, y) in g.points:
            c = int(np.floor((x - self.t[2]) / self.t[0])); r = int(np.floor((y - self.t[5]) / self.t[4]))
            if 0 <= r < self.h and 0 <= c < self.w: out[r, c] = True
        return out


# ---------------------------------------------------------------- reducers on stacks
def _nanstack(vals, valid): return np.where(valid, vals, np.nan)


def quantile(stack, q, method):
    """stack (n,...) float with NaN = masked."""
    if method == 'linear':                                   # vectorised Hyndman-Fan 7 (np.nanpercentile is ~100x slower with NaN)
        srt = np.sort(stack, axis=0); n = np.isfinite(stack).sum(0); h = np.maximum(n - 1, 0) * q / 100; lo = np.floor(h).astype(int)
        hi = np.minimum(lo + 1, np.maximum(n - 1, 0)); g = h - lo
        a, b = np.take_along_axis(srt, lo[None], 0)[0], np.take_along_axis(srt, hi[None], 0)[0]
        return np.where(g == 0, a, a + (b - a) * g)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return np.nanpercentile(stack, q, axis=0, method=method)


def kendall_tau_b(x, y, valid):
    n = x.shape[0]
    S = np.zeros(x.shape[1:]); tx = np.zeros_like(S); ty = np.zeros_like(S); npair = np.zeros_like(S)
    for i in range(n - 1):
        for j in range(i + 1, n):
            ok = valid[i] & valid[j]
            dx = np.sign(x[j] - x[i]); dy = np.sign(y[j] - y[i])
            S += np.where(ok, dx * dy, 0); npair += ok
            tx += ok & (dx == 0); ty += ok & (dy == 0)
    with np.errstate(all='ignore'):
        return S / (np.sqrt(npair - tx) * np.sqrt(npair - ty)), S


def pname(p):
    return 'p%d' % p if float(p) == int(p) else 'p' + str(p).replace('.', '_')


class Reduced(collections.OrderedDict):
    """name -> (data, valid, kind)"""


def run_reducer(R, inputs, kinds, S):
    """inputs: list (one per reducer input) of (data (n,...), valid (n,...)). Returns Reduced."""
    k = R.name
    two = {'linearFit', 'sensSlope', 'pearsonsCorrelation'}
    if k in two or (k == 'kendallsCorrelation' and R.p.get('numInputs', 1) == 2):
        if len(inputs) != 2: raise EEException(f"Reducer.{k}: needs 2 inputs, got {len(inputs)}")
        (x, vx), (y, vy) = inputs; v = vx & vy
        x = np.where(v, x, np.nan).astype(float); y = np.where(v, y, np.nan).astype(float); n = v.sum(0)
        if k == 'linearFit':
            with warnings.catch_warnings(), np.errstate(all='ignore'):
                warnings.simplefilter('ignore')
                mx, my = np.nanmean(x, 0), np.nanmean(y, 0)
                sxx = np.nansum((x - mx) ** 2, 0); sxy = np.nansum((x - mx) * (y - my), 0)
                sc = sxy / sxx
            ok = (n >= 2) & (sxx > 0)
            if (~ok & (n > 0)).any(): S.note('linearFit_degenerate')
            return Reduced(scale=(sc, ok, 'double'), offset=(my - sc * mx, ok, 'double'))
        if k == 'sensSlope':
            sl = []
            for i in range(len(x) - 1):
                with np.errstate(all='ignore'): d = (y[i + 1:] - y[i]) / (x[i + 1:] - x[i])
                sl.append(np.where(np.isfinite(d), d, np.nan))
            sl = np.concatenate(sl, 0)
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')
                m = np.nanmedian(sl, 0); off = np.nanmedian(y - m * x, 0)
            S.note('sens_offset'); ok = np.isfinite(m)
            return Reduced(slope=(m, ok, 'double'), offset=(off, ok, 'double'))
        if k == 'kendallsCorrelation':
            tau, s = kendall_tau_b(x, y, v); ok = n >= 2
            return Reduced(tau=(tau, ok, 'double'), **{'p-value': (np.full(tau.shape, np.nan), np.zeros(tau.shape, bool), 'double')})
        raise NotImplementedError('Reducer.' + k)
    if len(inputs) != 1: raise EEException(f"Reducer.{k}: expects 1 input, got {len(inputs)}")
    (a, v), kind = inputs[0], kinds[0]
    n = v.sum(0); any_ = n > 0
    f = np.where(v, a, np.nan).astype(float)
    with warnings.catch_warnings(), np.errstate(all='ignore'):
        warnings.simplefilter('ignore')
        if k == 'mean': return Reduced(mean=(np.nanmean(f, 0), any_, 'double'))
        if k == 'sum': return Reduced(sum=(np.where(v, a, 0).sum(0), any_, kind))
        if k == 'product': return Reduced(product=(np.nanprod(f, 0), any_, 'double'))
        if k == 'count': return Reduced(count=(n, any_, 'int'))
        if k == 'min': return Reduced(min=(np.nanmin(f, 0), any_, kind))
        if k == 'max': return Reduced(max=(np.nanmax(f, 0), any_, kind))
        if k == 'minMax': return Reduced(min=(np.nanmin(f, 0), any_, kind), max=(np.nanmax(f, 0), any_, kind))
        if k == 'median': return Reduced(median=(np.nanmedian(f, 0), any_, 'double'))
        if k == 'stdDev': return Reduced(stdDev=(np.nanstd(f, 0), any_, 'double'))
        if k == 'variance': return Reduced(variance=(np.nanvar(f, 0), any_, 'double'))
        if k == 'sampleStdDev': return Reduced(sampleStdDev=(np.nanstd(f, 0, ddof=1), n > 1, 'double'))
        if k == 'sampleVariance': return Reduced(sampleVariance=(np.nanvar(f, 0, ddof=1), n > 1, 'double'))
        if k in ('anyNonZero', 'or'): return Reduced(any=((np.where(v, a, 0) != 0).any(0).astype(np.int64), any_, 'int'))
        if k in ('allNonZero', 'and'): return Reduced(all=((np.where(v, a, 1) != 0).all(0).astype(np.int64), any_, 'int'))
        if k in ('first', 'firstNonNull', 'last', 'lastNonNull'):
            idx = np.argmax(v, 0) if k.startswith('first') else len(v) - 1 - np.argmax(v[::-1], 0)
            return Reduced(**{k: (np.take_along_axis(a, idx[None], 0)[0], any_, kind)})
        if k == 'mode':  # documented: ties -> minimum mode value
            out = np.full(n.shape, np.nan); best = np.zeros(n.shape, int)
            for u in np.unique(a[v]):
                c = ((a == u) & v).sum(0); up = c > best; out[up] = u; best[up] = c[up]
            return Reduced(mode=(out, any_, kind))
        if k == 'percentile':
            S.note('percentile'); names = R.p.get('outputNames') or [pname(p) for p in R.p['percentiles']]
            return Reduced((nm, (quantile(f, p, S.percentile_method), any_, 'double')) for nm, p in zip(names, R.p['percentiles']))
        if k == 'kendallsCorrelation':
            x = np.broadcast_to(np.arange(len(a), dtype=float).reshape((-1,) + (1,) * (a.ndim - 1)), a.shape)
            tau, s = kendall_tau_b(x, f, v)
            return Reduced(tau=(tau, n >= 2, 'double'), **{'p-value': (np.full(tau.shape, np.nan), np.zeros(tau.shape, bool), 'double')})
    raise NotImplementedError('Reducer.' + k)


def n_inputs(R):
    if R.name in ('linearFit', 'sensSlope', 'pearsonsCorrelation'): return 2
    if R.name == 'kendallsCorrelation': return R.p.get('numInputs', 1)
    if R.name == 'group': return n_inputs(R.p['reducer']) + 1
    return 1


# ---------------------------------------------------------------- image ops
def common(a, b):
    k = a.kind if RANK[a.kind] >= RANK[b.kind] else b.kind
    return k


def pair(a: Image, b: Image, what):
    na, nb = len(a.bands), len(b.bands)
    if na == 0 or nb == 0:
        raise EEException(f"{what}: If one image has no bands, the other must also have no bands. Got {na} and {nb}.")
    if na == nb:
        if sorted(a.names()) == sorted(b.names()):
            d = {x.name: x for x in b.bands}
            return [(x, d[x.name], x.name) for x in a.bands]
        return [(x, y, x.name) for x, y in zip(a.bands, b.bands)]
    if nb == 1: return [(x, b.bands[0], x.name) for x in a.bands]
    if na == 1: return [(a.bands[0], y, y.name) for y in b.bands]
    raise EEException(f"{what}: Images must contain the same bands, or one image must have 1 band: {a.names()} vs {b.names()}")


def _div(x, y):
    with np.errstate(all='ignore'):
        r = np.true_divide(x, y)
    return np.where(y == 0, 0.0, r)          # documented: "returning 0 for division by 0"


def _mod(x, y):
    with np.errstate(all='ignore'): return np.where(y == 0, 0, np.fmod(x, np.where(y == 0, 1, y)))


CMP = {'lt': np.less, 'lte': np.less_equal, 'gt': np.greater, 'gte': np.greater_equal, 'eq': np.equal, 'neq': np.not_equal,
       'and': lambda x, y: (x != 0) & (y != 0), 'or': lambda x, y: (x != 0) | (y != 0)}
ARI = {'add': np.add, 'subtract': np.subtract, 'multiply': np.multiply, 'divide': _div, 'mod': _mod, 'min': np.minimum,
       'max': np.maximum, 'pow': lambda x, y: np.power(np.asarray(x, float), y), 'first_nonzero': lambda x, y: np.where(x != 0, x, y),
       'atan2': np.arctan2, 'hypot': np.hypot,
       'bitwiseAnd': lambda x, y: x.astype(np.int64) & y.astype(np.int64), 'bitwiseOr': lambda x, y: x.astype(np.int64) | y.astype(np.int64),
       'bitwiseXor': lambda x, y: x.astype(np.int64) ^ y.astype(np.int64),
       'leftShift': lambda x, y: x.astype(np.int64) << y.astype(np.int64), 'rightShift': lambda x, y: x.astype(np.int64) >> y.astype(np.int64)}
def _special(name):
    def f(x):
        from scipy import special
        return {'erf': special.erf, 'erfc': special.erfc, 'erfInv': special.erfinv, 'erfcInv': special.erfcinv, 'gamma': special.gamma}[name](np.asarray(x, float))
    return f


UNA = {'abs': np.abs, 'sqrt': np.sqrt, 'exp': np.exp, 'log': np.log, 'log10': np.log10, 'sin': np.sin, 'cos': np.cos, 'tan': np.tan,
       'floor': np.floor, 'ceil': np.ceil, 'round': lambda x: np.where(x < 0, np.ceil(x - .5), np.floor(x + .5)), 'not': lambda x: (x == 0).astype(np.int64), 'signum': np.sign,
       'atan': np.arctan, 'asin': np.arcsin, 'acos': np.arccos, 'tanh': np.tanh, 'cbrt': np.cbrt}
UNA |= {n: _special(n) for n in ('erf', 'erfc', 'erfInv', 'erfcInv', 'gamma')}
KEEPKIND = {'abs', 'floor', 'ceil', 'round', 'signum'}


def typed(a, kind, S):
    if kind == 'int': return a.astype(np.int64) if a.dtype != np.int64 else a
    if kind == 'float' and S.float32: return a.astype(np.float32).astype(np.float64)
    return a.astype(np.float64) if a.dtype != np.float64 else a


def binop(name, a, b, S):
    out = []
    for x, y, nm in pair(a, b, 'Image.' + name):
        m = np.minimum(x.mask, y.mask)
        if name in CMP:
            out.append(Band(nm, CMP[name](x.data, y.data).astype(np.int64), m, 'int', (0, 1))); continue
        kind = common(x, y)
        if name == 'divide' and kind == 'int': kind = 'float'; S.note('float32')
        if name == 'pow': kind = 'float' if kind != 'double' else 'double'
        with np.errstate(all='ignore'): r = ARI[name](x.data, y.data)
        if r.dtype.kind == 'f':
            bad = ~np.isfinite(r)
            if bad.any(): m = np.where(bad, 0, m); r = np.where(bad, 0, r)   # EE masks invalid results
        out.append(Band(nm, typed(r, kind, S), m, kind))
    keep = {k: v for k, v in a.props.items() if k in ('system:index', 'system:footprint')}
    return Image(out, keep)


def unop(name, a, S):
    out = []
    for b in a.bands:
        with np.errstate(all='ignore'): r = UNA[name](b.data)
        kind = 'int' if name == 'not' else (b.kind if name in KEEPKIND else 'double'); m = b.mask
        if r.dtype.kind == 'f':
            bad = ~np.isfinite(r)
            if bad.any(): m = np.where(bad, 0, m); r = np.where(bad, 0, r)
        out.append(Band(b.name, typed(r, kind, S), m, kind))
    keep = {k: v for k, v in a.props.items() if k in ('system:index', 'system:footprint')}
    return Image(out, keep)


def cast(a: Image, t, S):
    out = []
    for b in a.bands:
        if t in ('float', 'double'):
            if t == 'float': S.note('float32')
            out.append(b.but(data=typed(b.data, t, S), kind=t, rng=None)); continue
        lo, hi = INT_RANGES[t]
        d = b.data
        if d.dtype.kind == 'f':
            d = np.trunc(np.nan_to_num(d, nan=0.0)); d = np.clip(d, float(lo), float(hi)) if t not in ('int64', 'long') else d
        d = np.clip(d.astype(np.int64), lo, hi)
        out.append(b.but(data=d, kind='int', rng=(lo, hi)))
    return a.but(out)


def add_bands(dst: Image, src: Image, names=None, overwrite=False):
    sel = src.bands if names is None else [b for n in names for b in src.bands if b.name == n]
    out = list(dst.bands)
    for b in sel:
        ex = [o.name for o in out]
        if b.name in ex:
            if overwrite: out[ex.index(b.name)] = b; continue
            i = 1
            while f'{b.name}_{i}' in ex: i += 1
            b = b.but(name=f'{b.name}_{i}')
        out.append(b)
    return dst.but(out)


def select(a: Image, sels, new=None):
    out, names = [], a.names()
    flat = []
    for s in sels: flat.extend(s if isinstance(s, list) else [s])
    for s in flat:
        if isinstance(s, (int, float)) and not isinstance(s, bool):
            i = int(s)
            if not -1 < i < len(a.bands): raise EEException(f"Image.select: Band index {i} is out of range. Available bands: {names}")
            out.append(a.bands[i])
        elif s in names: out.append(a.bands[names.index(s)])
        else:
            hit = [b for b in a.bands if re.fullmatch(s, b.name)]
            if not hit: raise EEException(f"Image.select: Band pattern '{s}' did not match any bands. Available bands: {names}")
            out.extend(hit)
    if new is not None:
        if len(new) != len(out): raise EEException(f'Image.select: {len(new)} new names for {len(out)} bands')
        out = [b.but(name=n) for b, n in zip(out, new)]
    return a.but(out)


# ---------------------------------------------------------------- Image.expression
TOK = re.compile(r"\s*(?:(\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)|([A-Za-z_]\w*)|(\"[^\"]*\"|'[^']*')|"
                 r"(\*\*|==|!=|<=|>=|<<|>>|&&|\|\||[-+*/%<>!?:(),&|^~=.\[\]]))")
LEV = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '>', '<=', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%']]
OPN = {'||': 'or', '&&': 'and', '|': 'bitwiseOr', '^': 'bitwiseXor', '&': 'bitwiseAnd', '==': 'eq', '!=': 'neq', '<': 'lt', '>': 'gt',
       '<=': 'lte', '>=': 'gte', '<<': 'leftShift', '>>': 'rightShift', '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', '%': 'mod'}


class Expr:
    def __init__(self, text, S):
        self.S, self.toks, p = S, [], 0
        text = text.rstrip()
        while p < len(text):
            m = TOK.match(text, p)
            if not m: raise EEException(f'Image.parseExpression: syntax error at {text[p:p+10]!r}')
            self.toks.append(next((k, g) for k, g in zip(('num', 'id', 'str', 'op'), m.groups()) if g is not None)); p = m.end()

    def run(self, env, default):
        self.i, self.env, self.default = 0, env, default
        r = self.assign()
        if self.i != len(self.toks): raise EEException('Image.parseExpression: trailing tokens')
        return r

    def peek(self, v=None):
        if self.i >= len(self.toks): return None
        k, t = self.toks[self.i]
        return t if (v is None or (k == 'op' and t == v)) else None

    def eat(self, v):
        if self.peek(v) is None: raise EEException(f'Image.parseExpression: expected {v!r}, got {self.peek()!r}')
        self.i += 1

    def assign(self):
        if self.i + 1 < len(self.toks) and self.toks[self.i][0] == 'id' and self.toks[self.i + 1] == ('op', '='):
            nm = self.toks[self.i][1]; self.i += 2; r = self.tern()
            return r.but([b.but(name=nm) for b in r.bands])
        return self.tern()

    def tern(self):
        c = self.level(0)
        if self.peek('?'):
            self.i += 1; a = self.tern(); self.eat(':'); b = self.tern()
            out = []
            for (x, y, nm), cb in zip(pair(a, b, 'expression ?:'), c.bands * max(len(a.bands), len(b.bands))):
                k = common(x, y); t = cb.data != 0
                out.append(Band(nm, typed(np.where(t, x.data, y.data), k, self.S), np.minimum(cb.mask, np.where(t, x.mask, y.mask)), k))
            return Image(out)
        return c

    def level(self, n):
        if n == len(LEV): return self.unary()
        a = self.level(n + 1)
        while self.i < len(self.toks) and self.toks[self.i][0] == 'op' and self.toks[self.i][1] in LEV[n]:
            op = self.toks[self.i][1]; self.i += 1
            a = binop(OPN[op], a, self.level(n + 1), self.S)
        return a

    def unary(self):
        if self.peek('-'): self.i += 1; return binop('multiply', self.unary(), self.S.const(-1), self.S)
        if self.peek('+'): self.i += 1; return self.unary()
        if self.peek('!'): self.i += 1; return unop('not', self.unary(), self.S)
        a = self.postfix()
        if self.peek('**'): self.i += 1; return binop('pow', a, self.unary(), self.S)
        return a

    def postfix(self):
        a = self.atom()
        while True:
            if self.peek('.'): self.i += 1; nm = self.toks[self.i][1]; self.i += 1; a = select(a, [nm])
            elif self.peek('['):
                self.i += 1; args = self.args(']'); a = select(a, args)
            else: return a

    def args(self, end):
        out = []
        while self.peek(end) is None:
            k, t = self.toks[self.i]
            if k == 'num' and self.toks[self.i + 1][1] in (',', end): out.append(int(t)); self.i += 1
            elif k == 'str': out.append(t[1:-1]); self.i += 1
            else: out.append(self.tern())
            if self.peek(','): self.i += 1
        self.eat(end); return out

    def atom(self):
        k, t = self.toks[self.i]; self.i += 1
        if k == 'num': return self.S.const(int(t) if re.fullmatch(r'\d+', t) else float(t))
        if k == 'op' and t == '(':
            r = self.tern(); self.eat(')'); return r
        if k == 'id':
            if self.peek('('):
                self.i += 1; a = self.args(')')
                if t == 'b': return self.default if not a else select(self.default, a)
                a = [self.S.const(x) if isinstance(x, (int, float)) else x for x in a]
                if len(a) == 1: return unop(t, a[0], self.S)
                return binop(t, a[0], a[1], self.S)
            if t in self.env: return self.env[t]
            if t in ('PI', 'E'): return self.S.const(math.pi if t == 'PI' else math.e)
        raise EEException(f'Image.parseExpression: unknown symbol {t!r}')


# ---------------------------------------------------------------- session
FN = {}


def fn(*names):
    def deco(f):
        for n in names: FN[n] = f
        return f
    return deco


class Session:
    def __init__(self, grid: Grid, assets=None, percentile_method='linear', float32=False, max_depth=100000, gammainc_shape=2):
        self.grid, self.assets = grid, {}
        self.percentile_method, self.float32, self.gammainc_shape = percentile_method, float32, gammainc_shape
        self.notes, self.used = collections.Counter(), collections.Counter()
        self.sig = GetAlgorithms()
        for k, v in (assets or {}).items(): self.add_asset(k, v)

    def note(self, k): self.notes[k] += 1

    # -- assets
    def const(self, v, name='constant'):
        kind = 'int' if isinstance(v, (int, np.integer, bool)) else 'double'
        a = np.full(self.grid.shape, v, np.int64 if kind == 'int' else np.float64)
        return Image([Band(name, a, np.ones(self.grid.shape), kind, (v, v))])

    def image(self, bands, props=None, id=None, kind=None):
        """bands: dict name -> ndarray | masked_array.  NaN in floats is masked."""
        out = []
        for n, a in bands.items():
            m = ~np.ma.getmaskarray(a) if np.ma.isMaskedArray(a) else np.ones(np.shape(a), bool)
            d = np.ma.getdata(a)
            if d.dtype.kind == 'f':
                m = m & np.isfinite(d); kd = kind or ('float' if d.dtype == np.float32 else 'double')
                d = np.where(np.isfinite(d), d, 0).astype(np.float64)
            else: kd, d = 'int', d.astype(np.int64)
            if d.shape != self.grid.shape: raise ValueError(f'{id}/{n}: {d.shape} != grid {self.grid.shape}')
            out.append(Band(n, d, m.astype(float), kd))
        return Image(out, props, id)

    def add_asset(self, id, v):
        """v: dict name->array (Image), Image, or list of those / (dict, props) tuples (ImageCollection)."""
        if isinstance(v, dict): v = self.image(v, id=id)
        if isinstance(v, Image): v.id = v.id or id
        if isinstance(v, list):
            items = []
            for i, x in enumerate(v):
                if isinstance(x, tuple): x = self.image(x[0], x[1])
                elif isinstance(x, dict): x = self.image(x)
                x.props.setdefault('system:index', str(i)); items.append(x)
            v = Collection(items)
        self.assets[id] = v

    # -- evaluation
    def evaluate(self, expr):
        if not isinstance(expr, dict): expr = json.loads(ee.serializer.toJSON(expr, for_cloud_api=True))
        if 'result' not in expr: expr = {'result': '0', 'values': {'0': expr}}
        return _Eval(self, expr).run()

    def pixels(self, obj):
        """dict band -> numpy masked array for an ee.Image (or evaluated Image)."""
        im = obj if isinstance(obj, Image) else self.evaluate(obj)
        return {b.name: np.ma.MaskedArray(b.data, mask=~b.valid) for b in im.bands}

    def info(self, v):
        if isinstance(v, Image):
            t = list(self.grid.t)
            bands = []
            for b in v.bands:
                d = {'type': 'PixelType', 'precision': b.kind}
                if b.kind == 'int' and b.rng is not None: d.update(min=b.rng[0], max=b.rng[1])
                bands.append({'id': b.name, 'data_type': d, 'dimensions': [self.grid.w, self.grid.h], 'crs': self.grid.crs, 'crs_transform': t})
            r = {'type': 'Image', 'bands': bands}
            if v.id: r['id'] = v.id
            if v.props: r['properties'] = {k: self.info(x) for k, x in v.props.items()}
            return r
        if isinstance(v, Collection):
            return {'type': v.ee_type, 'bands': [], 'features': [self.info(i) for i in v.items]}
        if isinstance(v, Feature): return {'type': 'Feature', 'geometry': None, 'properties': {k: self.info(x) for k, x in v.props.items()}}
        if isinstance(v, dict): return {k: self.info(x) for k, x in v.items()}
        if isinstance(v, (list, tuple)): return [self.info(x) for x in v]
        if isinstance(v, Date): return {'type': 'Date', 'value': v.ms}
        if isinstance(v, Projection): return {'type': 'Projection', 'crs': self.grid.crs, 'transform': list(self.grid.t)}
        if isinstance(v, np.generic): return v.item()
        if isinstance(v, float) and v.is_integer(): return int(v) if abs(v) < 2**53 else v   # as the REST JSON does
        return v

    # -- patching of ee.data (the only seam)
    @contextlib.contextmanager
    def installed(self):
        from ee import deprecation
        saved = {n: getattr(ee.data, n) for n in ('getAlgorithms', 'computeValue', 'computePixels', '_install_cloud_api_resource', 'getMapId')}
        stac = deprecation._FetchDataCatalogStac
        try:
            ee.Reset()
            ee.data._install_cloud_api_resource = lambda: None
            ee.data.getAlgorithms = GetAlgorithms
            deprecation._FetchDataCatalogStac = lambda: {}
            ee.data.computeValue = lambda obj: self.info(self.evaluate(obj))
            ee.data.computePixels = self._compute_pixels
            def no_tiles(params): raise EEException('map tiles are not available offline')
            ee.data.getMapId = no_tiles
            ee.Initialize(None, '', project='offline')
            yield self
        finally:
            for n, f in saved.items(): setattr(ee.data, n, f)
            deprecation._FetchDataCatalogStac = stac
            ee.Reset()

    def _compute_pixels(self, params):
        im = self.evaluate(params['expression'])
        if params.get('bandIds'): im = select(im, params['bandIds'])
        fmt = params.get('fileFormat', 'NUMPY_NDARRAY')
        if fmt != 'NUMPY_NDARRAY': raise NotImplementedError(f'computePixels fileFormat {fmt}')
        g, r0, c0, h, w = params.get('grid'), 0, 0, self.grid.h, self.grid.w
        if g:   # a window of *the* grid; anything that needs resampling is refused
            t, T = g['affineTransform'], self.grid.t
            if g.get('crsCode', self.grid.crs) != self.grid.crs or not np.allclose([t['scaleX'], t['scaleY']], [T[0], T[4]]): raise EEException('eelocal: computePixels on another grid is not supported')
            c0, r0 = (t['translateX'] - T[2]) / T[0], (t['translateY'] - T[5]) / T[4]
            if abs(c0 - round(c0)) > 1e-6 or abs(r0 - round(r0)) > 1e-6: raise EEException('eelocal: window is not pixel aligned')
            c0, r0, w, h = round(c0), round(r0), g['dimensions']['width'], g['dimensions']['height']
        nbytes = h * w * sum({'int': 4, 'float': 4, 'double': 8}[b.kind] + 1 for b in im.bands)
        if nbytes > 48 * 2**20 or max(h, w) > 32000 or len(im.bands) > 1024: raise EEException(f'Total request size ({nbytes} bytes) must be less than or equal to 50331648 bytes.')
        out = np.zeros((h, w), dtype=[(b.name, 'i4' if b.kind == 'int' else 'f4' if b.kind == 'float' else 'f8') for b in im.bands])
        for b in im.bands:                                                # EE fills masked pixels with 0
            full = np.where(b.valid, b.data, 0)
            ys, xs = slice(max(r0, 0), min(r0 + h, self.grid.h)), slice(max(c0, 0), min(c0 + w, self.grid.w))
            out[b.name][ys.start - r0:ys.stop - r0, xs.start - c0:xs.stop - c0] = full[ys, xs]
        return out


class _Eval:
    def __init__(self, S, expr):
        self.S, self.values, self.root = S, expr['values'], expr['result']
        self._free, self.memo = {}, {}

    def run(self): return self.key(self.root, {})

    def free(self, key):   # argument names a value node depends on -> safe memoisation inside mapped functions
        if key in self._free: return self._free[key]
        acc = set()
        def w(n, bound):
            if isinstance(n, dict):
                if 'argumentReference' in n and n['argumentReference'] not in bound: acc.add(n['argumentReference'])
                if 'valueReference' in n: acc.update(self.free(n['valueReference']) - bound)
                if 'functionDefinitionValue' in n:
                    d = n['functionDefinitionValue']; acc.update(self.free(d['body']) - set(d['argumentNames']) - bound); return
                if 'functionReference' in n: acc.update(self.free(n['functionReference']) - bound)
                if 'constantValue' in n: return
                for v in n.values(): w(v, bound)
            elif isinstance(n, list):
                for v in n: w(v, bound)
        w(self.values[key], frozenset()); self._free[key] = acc; return acc

    def key(self, key, env):
        fv = self.free(key)
        mk = (key, tuple(sorted((n, id(env[n])) for n in fv if n in env)))
        if mk not in self.memo:
            self.memo[mk] = (self.node(self.values[key], env), [env[n] for n in fv if n in env])  # keep env values alive: id() stays unique
        return self.memo[mk][0]

    def node(self, n, env):
        if 'constantValue' in n: return n['constantValue']
        if 'integerValue' in n: return int(n['integerValue'])
        if 'valueReference' in n: return self.key(n['valueReference'], env)
        if 'argumentReference' in n: return env[n['argumentReference']]
        if 'arrayValue' in n: return [self.node(x, env) for x in n['arrayValue'].get('values', [])]
        if 'dictionaryValue' in n: return {k: self.node(x, env) for k, x in n['dictionaryValue'].get('values', {}).items()}
        if 'functionDefinitionValue' in n:
            d = n['functionDefinitionValue']; names = d['argumentNames']; body = d['body']
            return Algorithm(lambda *a, _e=dict(env): self.key(body, {**_e, **dict(zip(names, a))}), names)
        if 'functionInvocationValue' in n:
            f = n['functionInvocationValue']; args = f.get('arguments', {})
            if 'functionReference' in f:
                alg = self.key(f['functionReference'], env)
                return alg(**{k: self.node(v, env) for k, v in args.items()})
            name = f['functionName']; S = self.S
            if name not in S.sig: raise EEException(f'Unknown function {name}')
            S.used[name] += 1
            if name == 'If':
                c = self.node(args['condition'], env)
                return self.node(args.get('trueCase' if truthy(c) else 'falseCase', {'constantValue': None}), env)
            if name not in FN: raise NotImplementedError(f'eelocal: {name} is not implemented')
            a = {k: self.node(v, env) for k, v in args.items()}
            check(S.sig[name], name, a)
            return FN[name](S, name, a)
        raise ValueError(f'bad node {n}')


def truthy(c):
    if c is None: return False
    if isinstance(c, (bool, int, float, str)): return bool(c)
    return True


TYPES = {'Image': (Image,), 'ImageCollection': (Collection,), 'FeatureCollection': (Collection,), 'Element': (Image, Feature, Collection),
         'Feature': (Feature, Image), 'List': (list,), 'Dictionary': (dict,), 'String': (str,), 'Number': (int, float, np.number),
         'Integer': (int, float, np.number), 'Float': (int, float, np.number), 'Long': (int, float, np.number), 'Reducer': (Reducer,),
         'Projection': (Projection, str), 'Geometry': (Geometry,), 'Algorithm': (Algorithm,), 'Boolean': (bool, int)}


def check(sig, name, a):
    """server-like argument validation from the shipped signatures."""
    known = {x['name']: x for x in sig['args']}
    for k in a:
        if k not in known: raise EEException(f'{name}: unrecognised argument {k}')
    for k, x in known.items():
        if k not in a or a[k] is None:
            if not x.get('optional') and 'default' not in x: raise EEException(f"{name}: Parameter '{k}' is required.")
            continue
        base = re.split(r'[<\[]', x['type'])[0]
        if base == 'Image' and isinstance(a[k], (int, float)): raise EEException(f"{name}, argument '{k}': Invalid type. Expected Image, got Number")
        t = TYPES.get(base)
        if t and not isinstance(a[k], t):
            raise EEException(f"{name}, argument '{k}': Invalid type. Expected type: {x['type']}. Actual type: {type(a[k]).__name__}.")


# ---- images
@fn('Image.constant')
def _(S, n, a):
    v = a['value']
    if isinstance(v, list):
        im = Image([])
        for i, x in enumerate(v): im = add_bands(im, S.const(x))
        return im
    return S.const(v)


@fn('Image.load')
def _(S, n, a):
    v = S.assets.get(a['id'])
    if not isinstance(v, Image): raise EEException(f"Image.load: Image asset '{a['id']}' not found (does not exist or caller does not have access).")
    return v


@fn('ImageCollection.load')
def _(S, n, a):
    v = S.assets.get(a['id'])
    if not isinstance(v, Collection): raise EEException(f"ImageCollection.load: ImageCollection asset '{a['id']}' not found (does not exist or caller does not have access).")
    return v


for _o in list(CMP) + list(ARI):
    FN['Image.' + _o] = lambda S, n, a: binop(n.split('.')[1], a['image1'], a['image2'], S)
for _o in UNA:
    FN['Image.' + _o] = lambda S, n, a: unop(n.split('.')[1], a['value'], S)
for _o in ['float', 'double'] + list(INT_RANGES):
    FN['Image.' + _o] = lambda S, n, a: cast(a['value'], n.split('.')[1], S)
    FN['Image.to' + _o[0].upper() + _o[1:]] = lambda S, n, a: cast(a['value'], n.split('.')[1][2:].lower(), S)


@fn('Image.gammainc')
def _(S, n, a):
    from scipy import special
    S.note('gammainc'); out = []
    for x, y, nm in pair(a['image1'], a['image2'], n):
        shape, at = (x, y) if S.gammainc_shape == 1 else (y, x)
        with np.errstate(all='ignore'): r = special.gammainc(shape.data.astype(float), at.data.astype(float))
        ok = np.isfinite(r)
        out.append(Band(nm, np.where(ok, r, 0), np.where(ok, np.minimum(x.mask, y.mask), 0), 'double'))
    return Image(out)


@fn('Image.select')
def _(S, n, a): return select(a['input'], a['bandSelectors'], a.get('newNames'))


@fn('Image.rename')
def _(S, n, a):
    im, nm = a['input'], a['names']
    if len(nm) != len(im.bands): raise EEException(f"Image.rename: The number of names ({len(nm)}) must match the number of bands ({len(im.bands)}).")
    if len(set(nm)) != len(nm): raise EEException('Image.rename: duplicate names')
    return im.but([b.but(name=x) for b, x in zip(im.bands, nm)])


@fn('Image.addBands')
def _(S, n, a): return add_bands(a['dstImg'], a['srcImg'], a.get('names'), a.get('overwrite', False))


@fn('Image.cat')
def _(S, n, a):
    im = None
    for x in a['images']:
        x = x if isinstance(x, Image) else S.const(x)
        im = x if im is None else add_bands(im, x)
    return im


@fn('Image.bandNames')
def _(S, n, a): return a['image'].names()


@fn('Image.where')
def _(S, n, a):
    im, t, v = a['input'], a['test'], a['value']; out = []
    for i, b in enumerate(im.bands):
        tb = t.bands[0 if len(t.bands) == 1 else i]; vb = v.bands[0 if len(v.bands) == 1 else i]
        c = (tb.data != 0) & tb.valid & vb.valid & b.valid     # masked input: nothing is done
        k = common(b, vb)
        out.append(b.but(data=np.where(c, typed(vb.data, k, S), typed(b.data, k, S)), kind=k, mask=np.where(c, vb.mask, b.mask), rng=None))
    return im.but(out)


def _mask_for(im, m, i):
    mb = m.bands[0 if len(m.bands) == 1 else i]
    return np.where(mb.valid, np.clip(mb.data.astype(float), 0, 1), 0.0)


@fn('Image.updateMask')
def _(S, n, a):
    im, m = a['image'], a['mask']
    return im.but([b.but(mask=np.where(b.mask > 0, np.minimum(_mask_for(im, m, i), 1), 0.0)) for i, b in enumerate(im.bands)])


@fn('Image.selfMask')
def _(S, n, a): return FN['Image.updateMask'](S, n, {'image': a['image'], 'mask': a['image']})


@fn('Image.mask')
def _(S, n, a):
    im, m = a['image'], a.get('mask')
    if m is None: return im.but([b.but(data=b.mask.astype(float), mask=np.ones(S.grid.shape), kind='double', rng=(0, 1)) for b in im.bands])
    return im.but([b.but(mask=_mask_for(im, m, i), data=np.where(b.valid, b.data, 0)) for i, b in enumerate(im.bands)])


@fn('Image.unmask')
def _(S, n, a):
    im, v = a['input'], a.get('value') or S.const(0); out = []
    for i, b in enumerate(im.bands):
        vb = v.bands[0 if len(v.bands) == 1 else i]; k = common(b, vb)
        out.append(b.but(data=np.where(b.valid, typed(b.data, k, S), typed(vb.data, k, S)), mask=np.where(b.valid, b.mask, vb.mask), kind=k, rng=None))
    return im.but(out)


@fn('Image.remap')
def _(S, n, a):
    im = a['image']; b = select(im, [a['bandName']]).bands[0] if a.get('bandName') else im.bands[0]
    fr, to, d = a['from'], a['to'], a.get('defaultValue')
    if len(fr) != len(to): raise EEException(f"Image.remap: The 'from' ({len(fr)}) and 'to' ({len(to)}) lists must have the same length.")
    isint = all(isinstance(x, (int, np.integer)) and not isinstance(x, bool) for x in list(to) + ([] if d is None else [d]))
    kind = 'int' if isint else 'double'
    out = np.full(S.grid.shape, 0 if d is None else d, np.int64 if isint else np.float64); hit = np.zeros(S.grid.shape, bool)
    for x, y in zip(fr, to):
        m = (b.data == x) & ~hit; out[m] = y; hit |= m      # first match wins (only matters for duplicated 'from')
    mask = b.mask * (hit if d is None else 1)
    return im.but([Band('remapped', out, mask, kind)])


@fn('Image.clip')
def _(S, n, a):
    g = a['geometry']; g = g.geometry if isinstance(g, Feature) else g
    ins = S.grid.inside(g)
    return a['input'].but([b.but(mask=b.mask * ins) for b in a['input'].bands])


@fn('Image.projection')
def _(S, n, a): return Projection(S.grid)


@fn('Projection.nominalScale')
def _(S, n, a): return S.grid.scale


@fn('Projection')
def _(S, n, a):
    if a['crs'] != S.grid.crs: raise EEException(f"eelocal: only the fixed grid {S.grid.crs} exists, got {a['crs']}")
    return Projection(S.grid)


@fn('Image.reproject', 'Image.setDefaultProjection')
def _(S, n, a):
    if not isinstance(a['crs'], Projection) and a['crs'] != S.grid.crs: raise EEException('eelocal: reprojection to another grid is not supported')
    if a.get('scale') and abs(a['scale'] - S.grid.scale) > 1e-6 * S.grid.scale: raise EEException('eelocal: rescaling is not supported')
    S.note('reproject_is_identity'); return a['image']


@fn('Image.reduceResolution')
def _(S, n, a): S.note('reduceResolution_is_identity'); return a['image']


@fn('Image.clipToBoundsAndScale')
def _(S, n, a): S.note('clipToBoundsAndScale_is_clip'); return FN['Image.clip'](S, n, {'input': a['input'], 'geometry': a['geometry']}) if a.get('geometry') else a['input']


@fn('Image.pixelArea')
def _(S, n, a):
    X, Y = S.grid.centres(); R = 6378137.0
    d = np.deg2rad(abs(S.grid.t[4])) * R * np.deg2rad(abs(S.grid.t[0])) * R * np.cos(np.deg2rad(Y)) if S.grid.crs == 'EPSG:4326' else np.full(S.grid.shape, abs(S.grid.t[0] * S.grid.t[4]))
    S.note('pixelArea_spherical'); return S.image({'area': d})


@fn('Image.parseExpression')
def _(S, n, a):
    ex = Expr(a['expression'], S); d = a['argName']
    return Algorithm(lambda **k: ex.run(k, k.get(d)), a['vars'])


@fn('Image.reduce')
def _(S, n, a):
    im, R = a['image'], a['reducer']
    st = np.stack([b.data for b in im.bands]); v = np.stack([b.valid for b in im.bands])
    kind = max((b.kind for b in im.bands), key=RANK.get)
    r = run_reducer(R, [(st, v)], [kind], S)
    return Image([Band(k, typed(np.where(ok, np.nan_to_num(d), 0), kd, S), (ok & np.isfinite(d)).astype(float), kd) for k, (d, ok, kd) in r.items()])


def _coll_bands(c):
    if not c.items: raise EEException('ImageCollection.reduce: Error in map/reduce: the collection is empty (result would have no bands)')
    names = c.items[0].names()
    for im in c.items:
        if im.names() != names: raise NotImplementedError(f'eelocal: inhomogeneous collection {im.names()} vs {names}')
    return names


@fn('ImageCollection.reduce')
def _(S, n, a):
    c, R = a['collection'], a['reducer']; names = _coll_bands(c); out = []
    def stack(i): return np.stack([im.bands[i].data for im in c.items]), np.stack([im.bands[i].valid for im in c.items])
    kind = lambda i: max((im.bands[i].kind for im in c.items), key=RANK.get)
    if n_inputs(R) == 1:
        for i, nm in enumerate(names):
            for k, (d, ok, kd) in run_reducer(R, [stack(i)], [kind(i)], S).items():
                out.append(Band(f'{nm}_{k}', typed(np.where(ok, np.nan_to_num(d), 0), kd, S), (ok & np.isfinite(d)).astype(float), kd))
    else:
        if len(names) != n_inputs(R): raise EEException(f'ImageCollection.reduce: reducer needs {n_inputs(R)} inputs, collection has bands {names}')
        for k, (d, ok, kd) in run_reducer(R, [stack(i) for i in range(len(names))], [kind(i) for i in range(len(names))], S).items():
            out.append(Band(k, typed(np.where(ok, np.nan_to_num(d), 0), kd, S), (ok & np.isfinite(d)).astype(float), kd))
    return Image(out)


@fn('reduce.mean', 'reduce.median', 'reduce.sum', 'reduce.min', 'reduce.max', 'reduce.count', 'reduce.product', 'reduce.mode')
def _(S, n, a):
    c = a['collection']
    if not c.items: return Image([])
    im = FN['ImageCollection.reduce'](S, n, {'collection': c, 'reducer': Reducer(n.split('.')[1])})
    return im.but([b.but(name=nm) for b, nm in zip(im.bands, c.items[0].names())])


@fn('ImageCollection.mosaic')
def _(S, n, a):
    out = None
    for im in a['collection'].items:       # last on top
        out = im if out is None else out.but([o.but(data=np.where(b.valid, b.data, o.data), mask=np.where(b.valid, b.mask, o.mask), kind=common(o, b)) for o, b in zip(out.bands, im.bands)])
    return Image(out.bands if out else [])


@fn('ImageCollection.toBands')
def _(S, n, a):
    return Image([b.but(name=f"{im.props.get('system:index', i)}_{b.name}") for i, im in enumerate(a['collection'].items) for b in im.bands])


@fn('ImageCollection.fromImages')
def _(S, n, a):
    out = []
    for i, im in enumerate(a['images']):
        if not isinstance(im, Image): raise EEException(f'ImageCollection.fromImages: element {i} is not an Image')
        im = Image(im.bands, im.props, im.id); im.props['system:index'] = str(i); out.append(im)
    return Collection(out)


@fn('ImageCollection.merge')
def _(S, n, a):
    out = []
    for p, c in (('1', a['collection1']), ('2', a['collection2'])):
        for im in c.items:
            im = Image(im.bands, im.props, im.id); im.props['system:index'] = f"{p}_{im.props.get('system:index', '')}"; out.append(im)
    return Collection(out)


# ---- reducers
for _r in ('mean', 'sum', 'median', 'min', 'max', 'minMax', 'stdDev', 'variance', 'sampleStdDev', 'sampleVariance', 'count', 'product', 'mode',
           'first', 'last', 'firstNonNull', 'lastNonNull', 'percentile', 'linearFit', 'sensSlope', 'kendallsCorrelation', 'group', 'frequencyHistogram',
           'anyNonZero', 'allNonZero', 'toList'):
    FN['Reducer.' + _r] = lambda S, n, a: Reducer(n.split('.')[1], **a)


# ---- collections
@fn('Collection.filter')
def _(S, n, a): return Collection([i for i in a['collection'].items if a['filter'](i)], a['collection'].image, a['collection'].props)


@fn('Collection.map')
def _(S, n, a):
    out = []
    for im in a['collection'].items:
        r = a['baseAlgorithm'](im)
        if r is None:
            if a.get('dropNulls'): continue
            raise EEException('Collection.map: A mapped algorithm must return a Feature or Image.')
        if not isinstance(r, (Image, Feature)): raise EEException("Collection.map: A mapped function's result must be a Feature or Image")
        if isinstance(r, Image):
            r = Image(r.bands, r.props, r.id)
            if 'system:index' in im.props: r.props['system:index'] = im.props['system:index']
        out.append(r)
    return Collection(out, all(isinstance(x, Image) for x in out) if out else a['collection'].image)


@fn('Collection.iterate')
def _(S, n, a):
    acc = a.get('first')
    for im in a['collection'].items: acc = a['function'](im, acc)
    return acc


@fn('Collection.toList')
def _(S, n, a):
    o = int(a.get('offset', 0)); return a['collection'].items[o:o + int(a['count'])]


@fn('Collection.first')
def _(S, n, a):
    it = a['collection'].items
    return it[0] if it else None


@fn('Collection.size')
def _(S, n, a): return len(a['collection'].items)


@fn('Collection.limit')
def _(S, n, a):
    it = list(a['collection'].items)
    if a.get('key'): it.sort(key=lambda x: x.props.get(a['key']), reverse=a.get('ascending') is False)
    return Collection(it[:int(a['limit'])] if a.get('limit') is not None else it, a['collection'].image)


@fn('AggregateFeatureCollection.array')
def _(S, n, a): return [i.props[a['property']] for i in a['collection'].items if i.props.get(a['property']) is not None]


@fn('Element.set')
def _(S, n, a):
    o = a['object']; p = dict(o.props); p[a['key']] = a.get('value')
    return Image(o.bands, p, o.id) if isinstance(o, Image) else (Feature(o.geometry, p) if isinstance(o, Feature) else Collection(o.items, o.image, p))


@fn('Element.setMulti')
def _(S, n, a):
    o = a['object']; p = {**o.props, **a['properties']}
    return Image(o.bands, p, o.id) if isinstance(o, Image) else Collection(o.items, o.image, p)


@fn('Element.get', 'Element.getNumber')
def _(S, n, a): return a['object'].props.get(a['property'])


@fn('Image.copyProperties', 'Element.copyProperties')
def _(S, n, a):
    d, s, want = a['destination'], a['source'], a.get('properties')
    p = dict(d.props)
    for k, v in s.props.items():
        if (want is None and not k.startswith('system:')) or (want is not None and any(re.fullmatch(w, k) for w in want)): p[k] = v
    return Image(d.bands, p, d.id)


@fn('Reducer.unweighted')
def _(S, n, a): return a['reducer']


@fn('Reducer.repeat')
def _(S, n, a): return Reducer('repeat', reducer=a['reducer'], count=int(a['count']))


@fn('Collection.reduceColumns')
def _(S, n, a):
    R, sel = a['reducer'], a['selectors']
    cols = [[i.props.get(s, i.id if s == 'system:id' else None) for i in a['collection'].items] for s in sel]
    if R.name == 'repeat' and R.p['reducer'].name == 'toList': return {'list': cols}
    if R.name == 'toList': return {'list': cols[0]}
    raise NotImplementedError('eelocal: Collection.reduceColumns with ' + R.name)


# ---- filters
def _operands(a, l, r=None):
    lv = (l.props.get(a['leftField']) if a.get('leftField') is not None else a.get('leftValue'))
    if a.get('rightField') is not None: rv = (r if r is not None else l).props.get(a['rightField'])
    else: rv = a.get('rightValue')
    return lv, rv


def _num(v): return v.ms if isinstance(v, Date) else v


for _f, _c in {'equals': lambda x, y: x == y, 'notEquals': lambda x, y: x != y, 'lessThan': lambda x, y: x < y, 'greaterThan': lambda x, y: x > y,
               'lessThanOrEquals': lambda x, y: x <= y, 'greaterThanOrEquals': lambda x, y: x >= y,
               'listContains': lambda x, y: y in x, 'stringStartsWith': lambda x, y: x.startswith(y), 'stringContains': lambda x, y: y in x,
               'dateRangeContains': lambda x, y: x.a <= to_ms(y) < x.b}.items():
    def _mk(S, n, a, _c=_c):
        def f(l, r=None):
            x, y = _operands(a, l, r)
            if x is None or y is None: S.note('null_filter'); return False
            return bool(_c(_num(x), _num(y)))
        return f
    FN['Filter.' + _f] = _mk
FN['Filter.and'] = lambda S, n, a: (lambda l, r=None: all(f(l, r) for f in a['filters']))
FN['Filter.or'] = lambda S, n, a: (lambda l, r=None: any(f(l, r) for f in a['filters']))
FN['Filter.not'] = lambda S, n, a: (lambda l, r=None: not a['filter'](l, r))


@fn('Filter.rangeContains')
def _(S, n, a): return lambda l, r=None: l.props.get(a['field']) is not None and a['minValue'] <= l.props[a['field']] <= a['maxValue']


@fn('Filter.intersects')
def _(S, n, a): S.note('bounds_filter_is_true'); return lambda l, r=None: True


@fn('Filter.calendarRange')
def _(S, n, a):
    s, e = int(a['start']), int(a.get('end') if a.get('end') is not None else a['start']); fld = a.get('field', 'day_of_year')
    get = {'year': lambda d: d.year, 'month': lambda d: d.month, 'day_of_month': lambda d: d.day, 'day_of_year': lambda d: d.timetuple().tm_yday, 'hour': lambda d: d.hour}[fld]
    def f(l, r=None):
        t = l.props.get('system:time_start')
        if t is None: return False
        v = get(Date(to_ms(t)).d)
        return s <= v <= e if s <= e else (v >= s or v <= e)
    return f


@fn('DateRange')
def _(S, n, a):
    s = to_ms(a['start']); return DateRange(s, to_ms(a['end']) if a.get('end') is not None else s + 1)


@fn('Date')
def _(S, n, a): return Date(to_ms(a['value']))


FN['Date.fromYMD'] = lambda S, n, a: Date(to_ms('%04d-%02d-%02d' % (a['year'], a['month'], a['day'])))
FN['Date.millis'] = lambda S, n, a: a['date'].ms
FN['Date.get'] = lambda S, n, a: {'year': a['date'].d.year, 'month': a['date'].d.month, 'day': a['date'].d.day}[a['unit']]


@fn('Date.format')
def _(S, n, a):
    p = {'MM': '%m', 'YYYY': '%Y', 'yyyy': '%Y', 'YYYY-MM-dd': '%Y-%m-%d', 'yyyy-MM-dd': '%Y-%m-%d', 'DDD': '%j'}[a.get('format', 'yyyy-MM-dd')]
    return (a['date'] if isinstance(a['date'], Date) else Date(to_ms(a['date']))).d.strftime(p)


@fn('Date.advance')
def _(S, n, a):
    d, k, u = a['date'].d, a['delta'], a['unit'].rstrip('s')
    if u in ('month', 'year'):
        m = d.year * 12 + d.month - 1 + int(k) * (12 if u == 'year' else 1)
        import calendar
        y, mo = divmod(m, 12); d = d.replace(year=y, month=mo + 1, day=min(d.day, calendar.monthrange(y, mo + 1)[1]))
    else: d = d + dt.timedelta(**{u + 's': k})
    return Date((d - dt.datetime(1970, 1, 1)).total_seconds() * 1000)


@fn('Join.inner')
def _(S, n, a): return ('inner', a.get('primaryKey', 'primary'), a.get('secondaryKey', 'secondary'), a.get('measureKey'))


@fn('Join.apply')
def _(S, n, a):
    kind, pk, sk, _m = a['join']
    return Collection([Feature(None, {pk: p, sk: s}) for p in a['primary'].items for s in a['secondary'].items if a['condition'](p, s)], image=False)


# ---- lists / dicts / numbers / strings
FN['List.add'] = lambda S, n, a: a['list'] + [a['element']]
FN['List.cat'] = lambda S, n, a: a['list'] + a['other']
FN['List.get'] = lambda S, n, a: a['list'][int(a['index'])]
FN['List.size'] = FN['List.length'] = lambda S, n, a: len(a['list'])
FN['List.map'] = lambda S, n, a: [r for r in (a['baseAlgorithm'](x) for x in a['list']) if not (r is None and a.get('dropNulls'))]
FN['List.removeAll'] = lambda S, n, a: [x for x in a['list'] if x not in a['other']]
FN['List.remove'] = lambda S, n, a: [x for i, x in enumerate(a['list']) if not (x == a['element'] and a['element'] not in a['list'][:i])]
FN['List.contains'] = lambda S, n, a: a['element'] in a['list']
FN['List.zip'] = lambda S, n, a: [list(x) for x in zip(a['list'], a['other'])]
FN['List.sort'] = lambda S, n, a: sorted(a['list'])
FN['List.reverse'] = lambda S, n, a: a['list'][::-1]
FN['List.slice'] = lambda S, n, a: a['list'][int(a['start']):None if a.get('end') is None else int(a['end'])]


@fn('List.distinct')
def _(S, n, a):
    out = []
    for x in a['list']:
        if x not in out: out.append(x)
    return out


@fn('List.sequence')
def _(S, n, a):
    s, e, st, c = a['start'], a.get('end'), a.get('step', 1), a.get('count')
    if c is not None and e is not None: return [s + (e - s) * i / (c - 1) for i in range(int(c))]
    if c is not None: return [s + st * i for i in range(int(c))]
    return [s + st * i for i in range(int(math.floor((e - s) / st + 1e-12)) + 1)]


@fn('List.iterate')
def _(S, n, a):
    acc = a.get('first')
    for x in a['list']: acc = a['function'](x, acc)
    return acc


@fn('List.reduce')
def _(S, n, a):
    R = a['reducer']; v = [x for x in a['list'] if x is not None]
    if R.name == 'count': return len(v)
    if n_inputs(R) == 1:
        arr = np.array(v, float)[:, None]; r = run_reducer(R, [(arr, np.ones(arr.shape, bool))], ['double'], S)
    else:
        arr = np.array(v, float); r = run_reducer(R, [(arr[:, i:i + 1], np.ones((len(arr), 1), bool)) for i in range(arr.shape[1])], ['double'] * 2, S)
    r = {k: (d.ravel()[0].item() if ok.ravel()[0] else None) for k, (d, ok, _) in r.items()}
    return next(iter(r.values())) if len(r) == 1 else r


@fn('Dictionary')
def _(S, n, a):
    v = a.get('input')
    if v is None: return {}
    return dict(v) if isinstance(v, dict) else dict(zip(v[::2], v[1::2]))


@fn('Dictionary.get', 'Dictionary.getNumber')
def _(S, n, a):
    d, k = a['dictionary'], a['key']
    if k in d: return d[k]
    if a.get('defaultValue') is not None: return a['defaultValue']
    raise EEException(f"Dictionary.get: Dictionary does not contain key: '{k}'.")


FN['Dictionary.set'] = lambda S, n, a: {**a['dictionary'], a['key']: a['value']}
FN['Dictionary.keys'] = lambda S, n, a: sorted(a['dictionary'])
FN['Dictionary.values'] = lambda S, n, a: [a['dictionary'][k] for k in (a.get('keys') or sorted(a['dictionary']))]
FN['Dictionary.contains'] = lambda S, n, a: a['key'] in a['dictionary']
FN['Dictionary.size'] = lambda S, n, a: len(a['dictionary'])
FN['Dictionary.combine'] = lambda S, n, a: {**a['first'], **a['second']} if a.get('overwrite', True) else {**a['second'], **a['first']}
FN['Dictionary.map'] = lambda S, n, a: {k: a['baseAlgorithm'](k, a['dictionary'][k]) for k in sorted(a['dictionary'])}

for _o, _f in {'add': lambda x, y: x + y, 'subtract': lambda x, y: x - y, 'multiply': lambda x, y: x * y, 'divide': lambda x, y: x / y if y else 0,
               'gt': lambda x, y: int(x > y), 'lt': lambda x, y: int(x < y), 'gte': lambda x, y: int(x >= y), 'lte': lambda x, y: int(x <= y),
               'eq': lambda x, y: int(x == y), 'neq': lambda x, y: int(x != y), 'pow': lambda x, y: x ** y, 'mod': lambda x, y: math.fmod(x, y) if y else 0,
               'max': max, 'min': min, 'and': lambda x, y: int(bool(x) and bool(y)), 'or': lambda x, y: int(bool(x) or bool(y)),
               'leftShift': lambda x, y: int(x) << int(y), 'rightShift': lambda x, y: int(x) >> int(y), 'bitwiseAnd': lambda x, y: int(x) & int(y)}.items():
    FN['Number.' + _o] = lambda S, n, a, _f=_f: _f(a['left'], a['right'])
for _o, _f in {'sqrt': math.sqrt, 'abs': abs, 'round': lambda x: int(math.ceil(x - .5) if x < 0 else math.floor(x + .5)), 'floor': math.floor, 'ceil': math.ceil, 'log': math.log, 'exp': math.exp,
               'not': lambda x: int(not x), 'toFloat': float, 'toDouble': float, 'float': float, 'double': float}.items():
    FN['Number.' + _o] = lambda S, n, a, _f=_f: _f(a['input'])
for _t, (_lo, _hi) in INT_RANGES.items():
    for _n in (_t, 'to' + _t[0].upper() + _t[1:]):
        FN['Number.' + _n] = lambda S, n, a, _lo=_lo, _hi=_hi: max(_lo, min(_hi, math.trunc(a['input'])))


@fn('Number.parse')
def _(S, n, a):
    try: return int(a['input'], int(a.get('radix', 10)))
    except ValueError: return float(a['input'])


@fn('Number.format')
def _(S, n, a):
    p, x = a.get('pattern', '%s'), a['number']
    if p == '%s': return str(x.item() if isinstance(x, np.generic) else x)
    return p % x


@fn('String')
def _(S, n, a): return a['input'] if isinstance(a['input'], str) else str(a['input'])


FN['Image.bandTypes'] = lambda S, n, a: {b.name: {'type': 'PixelType', 'precision': b.kind} for b in a['image'].bands}
FN['String.cat'] = lambda S, n, a: a['string1'] + a['string2']


# ---- geometry (planar)
def _ring(r): return [list(map(float, p[:2])) for p in r]


@fn('GeometryConstructors.Polygon')
def _(S, n, a): return Geometry([[_ring(r) for r in a['coordinates']]])


@fn('GeometryConstructors.MultiPolygon')
def _(S, n, a):
    c = a['coordinates']
    return Geometry([p for g in c for p in (g.polys if isinstance(g, Geometry) else [[_ring(r) for r in g]])])


@fn('GeometryConstructors.Rectangle', 'GeometryConstructors.BBox')
def _(S, n, a):
    if 'west' in a: x0, y0, x1, y1 = a['west'], a['south'], a['east'], a['north']
    else:
        c = np.array(a['coordinates'], float).reshape(-1, 2); (x0, y0), (x1, y1) = c.min(0), c.max(0)
    return Geometry([[[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]]])


FN['GeometryConstructors.Point'] = lambda S, n, a: Geometry([], [tuple(a['coordinates'])])
FN['Geometry.dissolve'] = FN['Geometry.simplify'] = lambda S, n, a: a['geometry']
FN['Geometry.union'] = lambda S, n, a: Geometry(a['left'].polys + a['right'].polys)
FN['Geometry.bounds'] = lambda S, n, a: a['geometry']


@fn('Geometry.area')
def _(S, n, a):
    R = 6378137.0; tot = 0
    for poly in a['geometry'].polys:
        for i, r in enumerate(poly):
            p = np.array(r); x, y = np.deg2rad(p[:, 0]), np.sin(np.deg2rad(p[:, 1]))
            ar = abs(np.sum((np.roll(x, -1) - x) * (np.roll(y, -1) + y))) / 2 * R * R
            tot += ar if i == 0 else -ar
    S.note('area_spherical'); return float(tot)


FN['Feature'] = lambda S, n, a: Feature(a.get('geometry'), a.get('metadata') or {})
FN['Element.toDictionary'] = lambda S, n, a: {k: v for k, v in a['object' if 'object' in a else 'element'].props.items() if not a.get('properties') or k in a['properties']}
FN['Collection.toDictionary'] = FN['Element.toDictionary']
FN['Element.propertyNames'] = lambda S, n, a: sorted(a['object' if 'object' in a else 'element'].props)
FN['Collection.propertyNames'] = FN['Element.propertyNames']
FN['Projection.crs'] = lambda S, n, a: S.grid.crs
FN['Projection.transform'] = lambda S, n, a: str(list(S.grid.t))
FN['Collection'] = lambda S, n, a: Collection(a['features'], image=False)


@fn('Collection.geometry')
def _(S, n, a): return Geometry([p for f in a['collection'].items for p in f.geometry.polys])


# ---- reduceRegion
@fn('Image.reduceRegion')
def _(S, n, a):
    im, R, g = a['image'], a['reducer'], a.get('geometry') or S.grid.footprint()
    sc = a.get('scale')
    if sc and abs(sc - S.grid.scale) > 1e-3 * S.grid.scale: raise EEException(f'eelocal: reduceRegion at scale {sc} on a grid of nominal scale {S.grid.scale}')
    ins = S.grid.inside(g)
    if R.name in ('mean', 'sum', 'stdDev', 'variance', 'percentile', 'median', 'frequencyHistogram', 'group'): S.note('region_weights')
    def col(b): return b.data[ins].ravel(), b.valid[ins].ravel()
    if R.name == 'group':
        gi, gn = int(R.p.get('groupField', 0)), R.p.get('groupName', 'group'); inner = R.p['reducer']
        if len(im.bands) != n_inputs(R): raise EEException(f'Image.reduceRegion: Need {n_inputs(R)} bands for the grouped reducer, got {len(im.bands)}')
        cols = [col(b) for b in im.bands]; ok = np.logical_and.reduce([v for _, v in cols])
        gv = cols[gi][0][ok]; rest = [(c[ok], b) for i, ((c, _), b) in enumerate(zip(cols, im.bands)) if i != gi]; out = []
        for u in np.unique(gv):
            sel = gv == u
            if inner.name == 'frequencyHistogram':
                w, k = np.unique(rest[0][0][sel], return_counts=True)
                out.append({gn: u.item(), 'histogram': {str(x.item()): float(y) for x, y in zip(w, k)}}); continue
            r = run_reducer(inner, [(c[sel][:, None], np.ones((sel.sum(), 1), bool)) for c, _ in rest], [b.kind for _, b in rest], S)
            out.append({gn: u.item(), **{k: d.ravel()[0].item() for k, (d, v, _) in r.items()}})
        return {'groups': out}
    res = {}
    if R.name == 'frequencyHistogram':
        for b in im.bands:
            c, v = col(b); u, k = np.unique(c[v], return_counts=True)
            res[b.name] = {str(x.item()): float(y) for x, y in zip(u, k)}
        return res
    if n_inputs(R) == 1:
        for b in im.bands:
            c, v = col(b); r = run_reducer(R, [(c[:, None], v[:, None])], [b.kind], S)
            for k, (d, ok, kd) in r.items():
                key = b.name if len(r) == 1 else f'{b.name}_{k}'
                res[key] = d.ravel()[0].item() if ok.ravel()[0] else None
        return res
    cols = [col(b) for b in im.bands]
    r = run_reducer(R, [(c[:, None], v[:, None]) for c, v in cols], [b.kind for b in im.bands], S)
    return {k: (d.ravel()[0].item() if ok.ravel()[0] else None) for k, (d, ok, _) in r.items()}


def implemented(): return sorted(FN)
