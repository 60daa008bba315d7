# docker build -t conformance .
# docker run --rm -v "$PWD:/work" -e TOKEN conformance --target-url https://staging.example.com/v1 --effects write
# Without --effects, a target that is not on a loopback address is only read.
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY harness harness
COPY suites suites
RUN python -m pip wheel --quiet --no-cache-dir --wheel-dir /wheels '.[parallel]'

FROM python:3.12-slim
COPY --from=build /wheels /wheels
RUN python -m pip install --quiet --no-cache-dir --no-index /wheels/*.whl \
    && rm -r /wheels \
    && useradd --uid 10001 --create-home conformance
USER 10001
# The folder with conformance.toml. Reports are written to it, so run as its owner: --user "$(id -u)".
WORKDIR /work
ENTRYPOINT ["python", "-P", "-m", "pytest"]
