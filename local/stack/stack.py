"""One local stack: start it, use it, end it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import requests
from filelock import FileLock, Timeout

from local.stack import aws_side, deploy, org_side, state
from local.stack.failure import StackError
from local.stack.folders import DEFAULT_FOLDER, Folders
from local.stack.function_logs import save_function_logs
from local.stack.ports import free_port
from local.stack.processes import Service, end
from local.stack.progress import Progress
from local.stack.readiness import check_upsert, wait_for_webhooks
from local.stack.sender_secrets import new_source_secrets, put_secrets
from local.stack.state import OrgAccess, State

_T = TypeVar("_T")


class Stack:
    """The local AWS and the local org, with the template deployed.

    Several run at once, each in its own folder. Used as a context manager it is ended with the block; a stack that
    was brought up and not `let_go` ends with this process, however that ends.

    Args:
        folder: Where everything of the stack goes: state, logs, temporary files.
        template: Another template than the project's, for tests that need a broken one.
    """

    def __init__(
        self, folder: Path = DEFAULT_FOLDER, *, progress: Progress | None = None, template: Path = deploy.TEMPLATE
    ) -> None:
        self.folders = Folders(folder.resolve())
        self._progress = progress or Progress()
        self._template = template
        self._services: list[Service] = []
        self._clients: dict[str, Any] = {}
        self._state = state.load(self.folders.state_file) or State({})

    def up(self) -> None:
        """Start, deploy and wait until webhooks are taken.

        Raises:
            StackError: A part failed; nothing is left running.
        """
        self.folders.make()
        with self._alone():
            if self._state.processes:
                with self._progress.step("Ending what an earlier start left behind"):
                    self.down()
            try:
                self._bring_up()
            except BaseException:
                self.down()
                raise

    def let_go(self) -> None:
        """Let the stack live on after this process."""
        for service in self._services:
            service.let_go()
        self._services.clear()

    def down(self) -> bool:
        """End everything that runs; safe to repeat. Return whether something ran."""
        processes = [*self._state.processes.values(), *(service.id for service in self._services)]
        running = [process for process in processes if process.is_alive]
        if running and self._state.outputs:
            self.save_function_logs()
        for process in running:
            end(process)
        for service in self._services:
            service.wait_for_end()
        self._services.clear()
        self._clients.clear()
        self._state = State({})
        shutil.rmtree(self.folders.aws, ignore_errors=True)  # the unpacked functions
        self.folders.state_file.unlink(missing_ok=True)
        return bool(running)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def runs(self) -> bool:
        """True while everything of it is there."""
        return self._state.runs

    @property
    def processes(self) -> Mapping[int, str]:
        """The part that each process of the stack is, by its process id."""
        return {process.pid: part for part, process in self._state.processes.items()}

    @property
    def aws_url(self) -> str:
        """The endpoint of every AWS service."""
        return self._state.aws_url

    @property
    def org(self) -> OrgAccess:
        """How to reach the local org."""
        return _known(self._state.org)

    @property
    def org_url(self) -> str:
        """The org over plain HTTP, its control prefix `/_org` included."""
        return self.org.url

    @property
    def secrets(self) -> Mapping[str, str]:
        """The secret of each source."""
        return _known(self._state.secrets)

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the deployed stack."""
        return _known(self._state.outputs)

    def aws(self, service: str) -> Any:
        """Return a boto3 client with the rights of the account's root; made once, for making one takes long."""
        if service not in self._clients:
            self._clients[service] = aws_side.client(self.aws_url, service, self.org.ca_file)
        return self._clients[service]

    def http(self) -> requests.Session:
        """Return a session that trusts the stack's certificate and uses no proxy; one for each thread."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.org.ca_file
        return session

    def webhook_url(self, source: str) -> str:
        """Return where a source posts its webhooks."""
        return f"{self.aws_url}/_aws/execute-api/{self.outputs['WebhookApiId']}/v1/webhooks/{source}"

    def logs(self) -> Mapping[str, Path]:
        """Return the log of each part."""
        return {log.stem: log for log in sorted(self.folders.logs.glob("*.log"))}

    def save_function_logs(self) -> None:
        """Copy what the functions have logged into files; `down` does it, too."""
        save_function_logs(self.aws("logs"), self.folders)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with FileLock(self.folders.top / "up.lock", timeout=0):
                yield
        except Timeout:
            raise StackError("the local stack", f"another command is starting it in {self.folders.top}") from None

    def _bring_up(self) -> None:
        org = self._start_org()
        self._save(org=org)
        self._start_aws(org_side.certificate(self.folders.org))
        self._deploy(org)
        outputs = deploy.stack_outputs(self.aws("cloudformation"))
        self._save(outputs=outputs, secrets=self._put_secrets(org))
        with self._progress.step("Waiting for the first answers of the functions"):
            urls = {name: self.webhook_url(name) for name in self.secrets}
            wait_for_webhooks(urls, self.http(), self.folders.log("function-webhook"))
            check_upsert(self.aws("lambda"), self.outputs["UpsertFunctionName"], self.folders.log("function-upsert"))

    def _start_org(self) -> OrgAccess:
        log = self.folders.log("org")
        with self._progress.step("Starting the local org", log):
            ports = free_port(org_side.USUAL_PORT), free_port(org_side.USUAL_TLS_PORT)
            service = self._keep(org_side.start_org(*ports, self.folders.org, log))
            return org_side.wait_for_org(service, self.folders.org)

    def _start_aws(self, tls: org_side.Certificate) -> None:
        log = self.folders.log("aws")
        with self._progress.step("Starting the local AWS (MiniStack)", log):
            port = free_port(aws_side.USUAL_PORT)
            service = self._keep(aws_side.start_aws(port, self.folders.aws, tls, log))
            self._save(aws_url=aws_side.endpoint(port))
            aws_side.wait_for_aws(service, self.aws_url, self.http())

    def _deploy(self, org: OrgAccess) -> None:
        with deploy.build_alone():
            with self._progress.step("Building the layers (sam build)", self.folders.log("build")):
                deploy.build(self.folders, self._template)
            with self._progress.step("Deploying template.yaml (sam deploy)", self.folders.log("deploy")):
                deploy.deploy(self.folders, self.aws_url, org)

    def _put_secrets(self, org: OrgAccess) -> dict[str, str]:
        by_source, by_name = new_source_secrets()
        with self._progress.step("Putting secrets in place"):
            put_secrets(self.aws("secretsmanager"), deploy.STACK_NAME, by_name, org)
        return by_source

    def _keep(self, service: Service) -> Service:
        self._services.append(service)
        self._save(processes={**self._state.processes, service.part: service.id})
        return service

    def _save(self, **known: Any) -> None:
        self._state = self._state._replace(**known)
        state.save(self._state, self.folders.state_file)


def _known(value: _T | None) -> _T:
    if value is None:
        raise StackError("the local stack", "it does not run; start it with `make up`")
    return value
