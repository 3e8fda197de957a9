"""Scripts, shells, SQL clients and command line tools that fail; with their labels."""

from tests.diagnostics.corpus.failing import Failing


def _of(
    ecosystem,
    name,
    file,
    code,
    run,
    type,
    message,
    piece,
    count=3,
    at=None,
    family="",
    plain=False,
    **files,
):
    return Failing(
        name=f"{ecosystem}/{name}", files={file: code, **files}, run=run, type=type, message=message,
        at=at or ((file, piece) if piece else None), count=count,
        family=family and f"{ecosystem}/{family}", plain=plain,
    )  # fmt: skip


def _ruby(name, code, type, message, piece, run="ruby app.rb", **files):
    return _of("ruby", name, "app.rb", "%PAD #%\n" + code, run, type, message, piece, **files)


_MINITEST = "require 'minitest/autorun'\n%PAD #%\nclass PlanTest < Minitest::Test\n%MORE(  def test_fine_@; end\n)%"
_RSPEC = "%PAD #%\nRSpec.describe 'plan' do\n%MORE(  it('is fine @') { }\n)%"
_RUN_RSPEC = ("rspec app_spec.rb", "rspec --format documentation app_spec.rb", "rspec app_spec.rb")

RUBY = [
    _ruby("no-method", "def name(user)\n  user.first_name\nend\nname(nil)\n", "NoMethodError", "undefined method `first_name' for nil:NilClass", "user.first"),
    _ruby("name", "def total\n  itens.size\nend\ntotal\n", "NameError", "undefined local variable or method `itens' for main:Object", "itens.size"),
    _ruby("raised", "class PlanError < StandardError; end\ndef check(id)\n  raise PlanError, \"plan #{id} has no steps\"\nend\ncheck(%ID%)\n", "PlanError",
          "has no steps", "raise PlanError"),
    _ruby("load", "require 'fila_de_tarefas'\n", "LoadError", "cannot load such file -- fila_de_tarefas", "require 'fila"),
    _ruby("division", "def mean(n)\n  %N% / n\nend\nmean(0)\n", "ZeroDivisionError", "divided by 0", "/ n"),
    _ruby("key", "def read(h)\n  h.fetch(:plan)\nend\nread({ n: %N% })\n", "KeyError", "key not found: :plan", "h.fetch"),
    _ruby("syntax", "def broken\n  if true\nend\n", None, "syntax error, unexpected end-of-input", None),
    _ruby("cause", "def low\n  Integer('doze')\nend\nbegin\n  low\nrescue ArgumentError\n  raise 'cannot start'\nend\n", "RuntimeError", "cannot start", "raise 'cannot"),
    _ruby("minitest-equal", _MINITEST + "  def test_sum\n    assert_equal 5, 2 + 2\n  end\nend\n", None, "Expected: 5 Actual: 4", "assert_equal"),
    _ruby("minitest-error", _MINITEST + "  def test_sum\n    [].fetch(3)\n  end\nend\n", "IndexError", "index 3 outside of array bounds:", "[].fetch"),
    _of("ruby", "rspec-equal", "app_spec.rb", _RSPEC + "  it 'adds' do\n    expect(2 + 2).to eq(5)\n  end\nend\n", _RUN_RSPEC, None,
        "expected: 5 got: 4", "expect("),
    _of("ruby", "rspec-raised", "app_spec.rb", _RSPEC + "  it 'loads' do\n    Integer('doze')\n  end\nend\n", _RUN_RSPEC, "ArgumentError",
        'invalid value for Integer(): "doze"', "Integer("),
]  # fmt: skip


def _php(name, code, type, message, piece, run="php app.php", **files):
    return _of(
        "php", name, "app.php", "<?php\n%PAD //%\n" + code, run, type, message, piece, **files
    )


_PHPUNIT = "<?php\nuse PHPUnit\\Framework\\TestCase;\n%PAD //%\nfinal class PlanTest extends TestCase {\n%MORE(  public function testFine@(): void { $this->assertTrue(true); }\n)%"


def _phpunit(name, code, type, message, piece):
    return _of("php", f"phpunit-{name}", "PlanTest.php", _PHPUNIT + code + "}\n", ("phpunit PlanTest.php", "phpunit --testdox PlanTest.php", "phpunit PlanTest.php"),
               type, message, piece)  # fmt: skip


PHP = [
    _php("uncaught", "class PlanError extends Exception {}\nfunction check($id) {\n  throw new PlanError(\"plan $id has no title\");\n}\ncheck('%UUID%');\n", "PlanError",
         "has no title", "throw new"),
    _php("type", "function f(int $a) { return $a; }\nf('doze');\n", "TypeError", "f(): Argument #1 ($a) must be of type int, string given", "function f"),
    _php("undefined", "function main() {\n  return naoexiste();\n}\nmain();\n", "Error", "Call to undefined function naoexiste()", "return nao"),
    _php("null", "function main($p) {\n  return $p->name();\n}\nmain(null);\n", "Error", "Call to a member function name() on null", "return $p"),
    _php("parse", "$a = ;\n", None, 'syntax error, unexpected token ";"', "$a"),
    _php("require", "require 'lib/nada.php';\n", "Error", "Failed opening required 'lib/nada.php'", "require"),
    _php("memory", "ini_set('memory_limit', '2M');\n$x = str_repeat('x', %N%000000);\n", None, "Allowed memory size of 2097152 bytes exhausted", "$x ="),
    _php("division", "function mean($n) {\n  return intdiv(%N%, $n);\n}\nmean(0);\n", "DivisionByZeroError", "Division by zero", "return intdiv"),
    _phpunit("equal", "  public function testSum(): void {\n    $this->assertSame(5, 2 + 2);\n  }\n", None, "Failed asserting that 4 is identical to 5.", "assertSame"),
    _phpunit("raised", "  public function testLoad(): void {\n    throw new RuntimeException('no broker on port %PORT%');\n  }\n", "RuntimeException", "no broker on port", "throw new"),
]  # fmt: skip


def _lua(name, code, message, piece, run="lua5.4 app.lua", type=None, **files):
    return _of("lua", name, "app.lua", "%PAD --%\n" + code, run, type, message, piece, **files)


LUA = [
    _lua("nil-index", "local function name(user)\n  return user.profile.name\nend\nname({})\n", "attempt to index a nil value (field 'profile')", "return user"),
    _lua("error", "local function check(id)\n  error('plan ' .. id .. ' has no queue')\nend\ncheck('%UUID%')\n", "has no queue", "error('plan"),
    _lua("call", "local api = {}\napi.start()\n", "attempt to call a nil value (field 'start')", "api.start"),
    _lua("syntax", "local a = = 1\n", "unexpected symbol near '='", "local a"),
    _lua("module", "local q = require('filas')\n", "module 'filas' not found:", "require"),
    _lua("arithmetic", "local function mean(t)\n  return t.total / 2\nend\nmean({})\n", "attempt to perform arithmetic on a nil value (field 'total')", "return t"),
    _of("lua", "busted-equal", "app_spec.lua", "%PAD --%\ndescribe('plan', function()\n%MORE(  it('fine @', function() end)\n)%  it('adds', function()\n    assert.are.equal(5, 2 + 2)\n  end)\nend)\n",
        "busted app_spec.lua", None, "Expected objects to be equal.", "assert.are"),
]  # fmt: skip


def _perl(name, code, message, piece, run="perl app.pl", type=None, **files):
    return _of(
        "perl",
        name,
        "app.pl",
        "use strict; use warnings;\n%PAD #%\n" + code,
        run,
        type,
        message,
        piece,
        **files,
    )


PERL = [
    _perl("die", "sub check { my $id = shift;\n  die \"plan $id has no owner\";\n}\ncheck('%ID%');\n", "has no owner", "die \"plan"),
    _perl("strict", "my $a = $total + 1;\n", 'Global symbol "$total" requires explicit package name', "$total"),
    _perl("module", "use Fila::Nada;\n", "Can't locate Fila/Nada.pm in @INC", "use Fila"),
    _perl("sub", "sub main {\n  nada(%N%);\n}\nmain();\n", "Undefined subroutine &main::nada called", "nada("),
    _perl("division", "my $n = 0;\nprint 1 / $n;\n", "Illegal division by zero", "print 1"),
    _perl("method", "my $p;\n$p->start();\n", 'Can\'t call method "start" on an undefined value', "$p->start"),
    _perl("test", "use Test::More;\n%MORE(ok(1, 'fine @');\n)%is(2 + 2, 5, 'adds');\ndone_testing();\n", "Failed test 'adds'", "is(2"),
]  # fmt: skip


def _shell(name, code, message, piece, run="bash app.sh", ecosystem="shell", **more):
    return _of(
        ecosystem,
        name,
        "app.sh",
        "%PAD #%\n" + code,
        run,
        more.pop("type", None),
        message,
        piece,
        **more,
    )


SHELLS = [
    _shell("not-found", "echo start %ID%\nset -e\nfoofila --all\n", "foofila: command not found", "foofila --all"),
    _shell("unbound", "set -u\necho $PLANO\n", "PLANO: unbound variable", "echo $PLANO"),
    _shell("syntax", "if true; then\n  echo x\n", "syntax error: unexpected end of file", None),
    _shell("cd", "set -e\ncd settings/dir\n", "cd: settings/dir: No such file or directory", "cd settings"),
    _shell("own", "echo 'checking %PID%'\necho \"ERROR: disk quota of user reached after %SIZE% MB\" >&2\nexit 4\n", "disk quota of user reached after", None),
    _shell("parameter", "echo ${PLANO:?not given to the job}\n", "PLANO: not given to the job", "echo $"),
    _shell("permission", "touch x.bin; chmod -x x.bin\n./x.bin\n", "./x.bin: Permission denied", "./x.bin"),
    _shell("dash-not-found", "set -e\nfoofila --all\n", "foofila: not found", "foofila", "dash app.sh"),
    _shell("dash-unset", "set -u\necho $PLANO\n", "PLANO: parameter not set", "echo $", "dash app.sh"),
    _shell("dash-syntax", "if true; then fi\n", 'Syntax error: "fi" unexpected', "if true", "dash app.sh"),
    _shell("zsh-not-found", "set -e\nfoofila --all\n", "command not found: foofila", "foofila", "zsh app.sh"),
    _shell("zsh-glob", "set -e\nls *.nada\n", "no matches found: *.nada", "ls", "zsh app.sh"),
]  # fmt: skip


def _tool(name, run, message, count=3, type=None, **files):
    return Failing(
        name=f"tools/{name}", files=files, run=run, type=type, message=message, count=count
    )


TOOLS = [
    _tool("cp", "echo copying %ID%; cp '%TEMP%/plan.json' .", "cp: cannot stat"),
    _tool("git", "git -C '%TEMP%' status", "fatal: cannot change to"),
    _tool("git-repo", "git log", "not a git repository"),
    _tool("git-path", "git init -q . 2>/dev/null; git checkout ramo_novo", "pathspec 'ramo_novo' did not match any file(s) known to git"),
    _tool("curl", "curl -sS http://127.0.0.1:%PORT%/specs/%ID%", "(7) Failed to connect to 127.0.0.1 port"),
    _tool("tar", "tar xf pacote-%ID%.tar", "Cannot open: No such file or directory"),
    _tool("jq", "echo '{\"a\": %ID%,}' | jq .a", "parse error: Expected another key-value pair at line"),
    _tool("awk", "gawk 'BEGIN { print 1 +* }'", "syntax error"),
    _tool("npm-script", "npm run deploy", 'Missing script: "deploy"', **{"package.json": '{"name": "fila", "version": "1.0.0"}'}),
    _tool("pip", "python -m pip install --no-index fila-de-tarefas", "No matching distribution found for fila-de-tarefas"),
    _tool("cmake", "cmake -S . -B out", "Could not find a package configuration file provided by \"Fila\" with any of the following names:",
          **{"CMakeLists.txt": "cmake_minimum_required(VERSION 3.5)\n%PAD #%\nproject(fila NONE)\nfind_package(Fila REQUIRED)\n"}),
    _tool("kill", "sh -c 'kill -9 $$; true'; exit $?", "Killed"),
    _tool("term", "sh -c 'kill -TERM $$; true'; exit $?", "Terminated"),
    _tool("timeout", "timeout 0.4 sleep 5", "exit 124"),
    _tool("timeout-loud", "echo 'waiting for broker on port %PORT%'; timeout 0.4 sleep 5", "waiting for broker on port"),
    _tool("silent-1", "exit 1", "exit 1"),
    _tool("silent-3", "exit 3", "exit 3"),
    _tool("http-401", "echo 'GET /specs/%ID%'; echo 'HTTP/1.1 401 Unauthorized' >&2; exit 22", "401 Unauthorized"),
    _tool("http-503", "echo 'GET /specs/%ID%'; echo 'HTTP/1.1 503 Service Unavailable' >&2; exit 22", "503 Service Unavailable"),
]  # fmt: skip
TOOLS = [
    Failing(name=t.name, files=t.files, run=t.run, type=t.type, message=t.message, plain=True,
            family="tools/http" if "http-" in t.name else "tools/silent" if "exit" in t.message else "",
            at=("CMakeLists.txt", "find_package") if t.name == "tools/cmake" else None)
    for t in TOOLS
]  # fmt: skip


def _sqlite(name, code, message, type=None, piece=None):
    return _of(
        "sqlite3",
        name,
        "q.sql",
        "%PAD --%\n" + code,
        "sqlite3 -bail x.db < q.sql",
        type,
        message,
        piece,
    )


def _psql(name, code, message, type=None, piece=None):
    return _of(
        "psql",
        name,
        "q.sql",
        "%PAD --%\n" + code,
        "psql -q -v ON_ERROR_STOP=1 -f q.sql",
        type,
        message,
        piece,
    )


SQL = [
    _sqlite("table", "select * from runs where id = %ID%;\n", "no such table: runs"),
    _sqlite("syntax", "select from where;\n", 'near "from": syntax error'),
    _sqlite("unique", "create table t(id primary key);\ninsert into t values(1);\ninsert into t values(1);\n", "UNIQUE constraint failed: t.id"),
    _sqlite("column", "create table t(id);\nselect nome from t;\n", "no such column: nome"),
    _psql("table", "select * from runs\n where id = %ID%;\n", 'relation "runs" does not exist', piece="where id"),
    _psql("syntax", "selec 1;\n", 'syntax error at or near "selec"', piece="selec"),
    _psql("unique", "create temp table t(id int primary key);\ninsert into t values(%ID%);\ninsert into t values(%ID%);\n",
          'duplicate key value violates unique constraint "t_pkey"', piece=None),
    _psql("division", "select 1/0;\n", "division by zero", piece="select"),
    _psql("type", "select 'doze'::int;\n", 'invalid input syntax for type integer: "doze"', piece="select"),
    Failing(name="psql/refused", files={}, run="psql -h 127.0.0.1 -p %PORT% -c 'select 1'", message='connection to server at "127.0.0.1", port'),
]  # fmt: skip

OTHERS = [
    _of("r", "object", "app.R", "%PAD #%\nf <- function() total + 1\nf()\n", "Rscript app.R", None, "object 'total' not found", None),
    _of("r", "stop", "app.R", "%PAD #%\ncheck <- function(id) stop('plan ', id, ' has no date')\ncheck(%ID%)\n", "Rscript app.R", None, "has no date", None),
    _of("tcl", "command", "app.tcl", "%PAD #%\nproc main {} {\n  nada 1\n}\nmain\n", "tclsh app.tcl", None, 'invalid command name "nada"', None, at=("app.tcl", None)),
    _of("tcl", "error", "app.tcl", "%PAD #%\nproc check {} {\n  error {plan has no steps}\n}\ncheck\n", "tclsh app.tcl", None, "plan has no steps", None, at=("app.tcl", None)),
    _of("elixir", "raised", "app.exs", "%PAD #%\ndefmodule Plan do\n  def check(id) do\n    raise ArgumentError, \"plan #{id} has no rows\"\n  end\nend\nPlan.check(%ID%)\n",
        "elixir app.exs", "ArgumentError", "has no rows", "raise Arg"),
    _of("elixir", "match", "app.exs", "%PAD #%\ndefmodule Plan do\n  def run(x) do\n    {:ok, v} = x\n    v\n  end\nend\nPlan.run({:error, 1})\n", "elixir app.exs",
        "MatchError", "no match of right hand side value: {:error, 1}", "{:ok, v}"),
    _of("elixir", "undefined", "app.exs", "%PAD #%\ndefmodule Plan do\n  def run(x), do: total + x\nend\n", "elixir app.exs", "CompileError", "undefined", "total + x"),
]  # fmt: skip


def _portuguese(name, file, code, run, message, piece=None, type=None, family=""):
    return _of("portuguese", name, file, code, run, type, message, piece, family=family)


PORTUGUESE = [
    _portuguese("arquivo", "app.py", "import sys\n%PAD #%\nprint('Iniciando tarefa %ID%')\nprint('Erro: arquivo de plano não encontrado: %TEMP%/plano.json', file=sys.stderr)\nprint('Encerrando')\nsys.exit(1)\n",
                "python app.py", "arquivo de plano não encontrado:"),
    *(_portuguese(f"http-{status}", "app.js", f"console.log('Buscando spec %UUID%');\n%PAD //%\nconsole.log('Falha na requisição: código {status} após %MS% ms');\nconsole.log('Fim');\nprocess.exit(1);\n",
                  "node app.js", f"Falha na requisição: código {status} após", family="http")
      for status in (401, 404)),
    _portuguese("tempo", "app.sh", "%PAD #%\necho '[1/3] Conectando em %IP%:%PORT%'\necho 'Tempo esgotado ao aguardar o broker (%SECONDS% s)'\necho 'Limpando arquivos temporários'\nexit 1\n",
                "bash app.sh", "Tempo esgotado ao aguardar o broker"),
    _portuguese("validacao", "app.py", "%PAD #%\nclass ErroDeValidacao(Exception): pass\ndef validar(plano):\n    raise ErroDeValidacao(f'o plano {plano} não tem passos')\nvalidar(%ID%)\n",
                "python app.py", "não tem passos", "raise Erro", type="ErroDeValidacao"),
    _portuguese("node", "app.js", "%PAD //%\nfunction abrir() { throw new Error('Não foi possível abrir a fila na porta %PORT%'); }\nabrir();\n",
                "node app.js", "Não foi possível abrir a fila na porta", "function abrir", type="Error"),
    _portuguese("teste", "test_app.py", "%PAD #%\n%MORE(def test_ok_@(): pass\n)%def test_soma():\n    assert 2 + 2 == 5, 'a soma está errada'\n", ("pytest", "pytest -q --tb=short", "pytest -v"),
                "a soma está errada", "assert 2", type="AssertionError"),
    _portuguese("permissao", "app.sh", "%PAD #%\necho 'Copiando %SIZE% MB'\necho 'app: permissão negada ao gravar no diretório de saída' >&2\necho 'Sucesso parcial: 3 de %N% arquivos'\nexit 5\n",
                "bash app.sh", "permissão negada ao gravar no diretório de saída"),
    _portuguese("sem-palavra", "app.py", "import sys\n%PAD #%\nprint('lendo plano %ID%')\nprint('o plano acabou antes do fim do arquivo')\nsys.exit(1)\n",
                "python app.py", "o plano acabou antes do fim do arquivo"),
    _portuguese("log", "app.py", "import sys\n%PAD #%\nprint('%TIME% INFO  [worker] tarefa recebida')\nprint('%TIME% ERRO  [worker] spec sem passos, abortando (tentativa %N%)')\nprint('%TIME% INFO  [worker] desligando')\nsys.exit(1)\n",
                "python app.py", "spec sem passos, abortando (tentativa"),
]  # fmt: skip

PROGRAMS = [*RUBY, *PHP, *LUA, *PERL, *SHELLS, *TOOLS, *SQL, *OTHERS, *PORTUGUESE]
