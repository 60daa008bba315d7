"""Rate limits: the quota fields of responses, and what the times of acceptance and rejection show.

1. `fields.py` reads every dialect of quota fields, `syntax.py` judges the ones that a specification defines.
2. `judge.py` judges how a quota is advertised and how requests are rejected, `enforcement.py` what is let through (on
   `series.py`); `algorithm.py` names the limiter that explains it best. All of these are pure.
3. `client.py` sends single requests and series, and waits as the quota asks; `probe.py` is what the rules work with.
"""
