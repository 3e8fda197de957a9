"""Compiled programs and those of other languages, written after the fresh ones were measured."""

from tests.diagnostics.corpus.late_programs import late

_C_HEAD = "#include <stdio.h>\n#include <stdlib.h>\n%PAD //%\n"
_CARGO = {"Cargo.toml": '[package]\nname = "ponte"\nversion = "0.1.0"\nedition = "2021"\n'}
_MOD = {"go.mod": "module ponte\n\ngo 1.19\n"}
_RUN_C = "gcc -g app.c -o app && ./app; exit $?"
_RUN_JAVA = ("javac B.java && java B", "java B.java")


def _c(name, code, message, piece=None, run="gcc -c app.c", ecosystem="gcc", **more):
    return late(ecosystem, name, "app.c", _C_HEAD + code, run, message, piece, **more)


def _cpp(name, code, message, piece=None, run="g++ b.cpp -o b && ./b; exit $?", **more):
    code = "#include <string>\n#include <stdexcept>\n#include <vector>\n%PAD //%\n" + code
    return late("g++", name, "b.cpp", code, run, message, piece, **more)


def _rust(name, code, message, piece=None, run="cargo run -q", **more):
    code = "%PAD //%\n" + code
    return late("rust", name, "src/main.rs", code, run, message, piece, **_CARGO, **more)


def _go(name, code, message, piece=None, run="go run .", file="main.go", **more):
    code = "package main\n\n" + code
    return late("go", name, file, code, run, message, piece, **{**_MOD, **more})


def _java(name, body, message, piece=None, run=_RUN_JAVA, type=None, **more):
    code = "%PAD //%\npublic class B {\n" + body + "}\n"
    return late("java", name, "B.java", code, run, message, piece, type=type, **more)


def _ruby(name, code, message, piece, type, run="ruby b.rb", file="b.rb", **more):
    return late("ruby", name, file, "%PAD #%\n" + code, run, message, piece, type=type, **more)


def _php(name, code, message, piece=None, type=None, run="php b.php", file="b.php"):
    return late("php", name, file, "<?php\n%PAD //%\n" + code, run, message, piece, type=type)


def _lua(name, code, message, piece=None, run="lua5.4 b.lua", **more):
    return late("lua", name, "b.lua", "%PAD --%\n" + code, run, message, piece, **more)


def _perl(name, code, message, piece=None):
    return late("perl", name, "b.pl", "use strict;\n%PAD #%\n" + code, "perl b.pl", message, piece)


C = [
    _c("own-error", "#ifndef TIDE\n#error \"TIDE is not set\"\n#endif\n", '#error "TIDE is not set"', "#error"),
    _c("static", "_Static_assert(sizeof(int) == 8, \"ints are narrow\");\n", 'static assertion failed: "ints are narrow"', "_Static_assert(s"),
    _c("assign", "int main(void) {\n  const int gear = %N%;\n  gear = 2;\n  return 0;\n}\n", "assignment of read-only variable ‘gear’", "gear = 2"),
    _c("undeclared-function", "int main(void) {\n  return turn(%N%);\n}\n", "implicit declaration of function 'turn' is invalid in C99", "turn(", "clang -Werror -c app.c", "clang"),
    _c("member", "struct gear { int teeth; };\nint f(struct gear *g) {\n  return g->tooth;\n}\n", "no member named 'tooth' in 'struct gear'", "g->tooth", "clang -c app.c", "clang"),
    _c("main", "int f(void) { return %N%; }\n", "undefined reference to `main'", None, "gcc app.c -o app", "linker"),
    _c("library", "int main(void) { return 0; }\n", "cannot find -lmare", None, ("gcc app.c -lmare -o app", "clang app.c -lmare -o app"), "linker"),
    _c("own-abort", "int main(void) {\n  fprintf(stderr, \"gear table %ID% is corrupt\\n\");\n  abort();\n}\n", "is corrupt", None, _RUN_C, "c-crash"),
    _c("perror", "int main(void) {\n  if (!fopen(\"plano-nada.txt\", \"r\")) perror(\"plano-nada.txt\");\n  return 1;\n}\n", "plano-nada.txt: No such file or directory", None, _RUN_C, "c-crash"),
    _c("heap", "int main(int n, char **a) {\n  char *p = malloc(8);\n  return p[8 + n];\n}\n", "heap-buffer-overflow", "p[8 + n]", "gcc -g -fsanitize=address app.c -o app && ./app; exit $?", "c-crash", type="AddressSanitizer"),
    _c("leak", "int main(void) {\n  char *p = malloc(%N%);\n  p = 0;\n  return p != 0;\n}\n", "detected memory leaks", "malloc(", "gcc -g -fsanitize=address app.c -o app && ./app; exit $?", "c-crash", type="LeakSanitizer"),
    _c("illegal", "int main(void) { __builtin_trap(); }\n", "Illegal instruction", None, _RUN_C, "c-crash"),
    _cpp("alloc", "int main() {\n  std::vector<int> v;\n  v.reserve(v.max_size() + 1);\n}\n", "vector::reserve", type="std::length_error"),
    _cpp("own", "namespace ponte { struct SpanError : std::runtime_error { using runtime_error::runtime_error; }; }\nint main() { throw ponte::SpanError(\"span %N% is weak\"); }\n", "is weak", type="ponte::SpanError"),
    _cpp("stoi", "int main() { return std::stoi(\"doze\"); }\n", "stoi", type="std::invalid_argument"),
    _cpp("private", "class S { int n; };\nint f(S s) {\n  return s.n;\n}\n", "‘int S::n’ is private within this context", "return s.n", run="g++ -c b.cpp"),
    late("make", "sub", "Makefile", "all:\n\t$(MAKE) -C sub\n", ("make", "make -j2"), "‘width’ undeclared (first use in this function)", at=("sub/a.c", "return width"), **{"sub/Makefile": "%PAD #%\na.o: a.c\n\tgcc -c a.c\n", "sub/a.c": "%PAD //%\nint f(void) {\n  return width;\n}\n"}),
    late("make", "pytest", "Makefile", "test:\n\tpytest -q\n", "make test", "winch is jammed", at=("test_b.py", "raise Run"), type="RuntimeError", **{"test_b.py": "%PAD #%\n%MORE(def test_@(): pass\n)%def test_winch():\n    raise RuntimeError('winch is jammed')\n"}),
    late("make", "own", "Makefile", "%PAD #%\nifndef PLANO\n$(error PLANO is not set)\nendif\nall:\n", "make", "PLANO is not set", "$(error"),
    late("make", "not-found", "Makefile", "%PAD #%\nall:\n\tgira-nada --all\n", "make", "gira-nada: No such file or directory"),
    late("ninja", "missing", "build.ninja", "rule cc\n  command = gcc -c $in -o $out\n%PAD #%\nbuild b.o: cc b.c\n", "ninja", "'b.c', needed by 'b.o', missing and no known rule to make it"),
    late("ninja", "compile", "build.ninja", "rule cc\n  command = gcc -c $in -o $out\nbuild b.o: cc b.c\n", "ninja", "expected ‘;’ before ‘}’ token", at=("b.c", "return 1"), **{"b.c": "%PAD //%\nint f(void) {\n  return 1\n}\n"}),
    late("cmake", "version", "CMakeLists.txt", "%PAD #%\ncmake_minimum_required(VERSION 9.9)\n", "cmake .", "CMake 9.9 or higher is required.", "cmake_minimum"),
]  # fmt: skip

RUST = [
    _rust("main-text", "fn main() -> Result<(), Box<dyn std::error::Error>> {\n    println!(\"step %ID%\");\n    Err(\"gear is missing\".into())\n}\n", '"gear is missing"'),
    _rust("main-own", "#[derive(Debug)]\nstruct SpanError { metres: u32 }\nfn main() -> Result<(), SpanError> {\n    Err(SpanError { metres: %N% })\n}\n", "SpanError { metres:"),
    _rust("main-parse", "fn main() -> Result<(), std::num::ParseIntError> {\n    let n: i32 = \"doze\".parse()?;\n    println!(\"{n}\");\n    Ok(())\n}\n", "ParseIntError { kind: InvalidDigit }"),
    _rust("main-io", "fn main() -> std::io::Result<()> {\n    std::fs::read_to_string(\"plano-%ID%.txt\")?;\n    Ok(())\n}\n", 'Os { code: 2, kind: NotFound, message: "No such file or directory" }'),
    _rust("unwrap-parse", "fn main() {\n    let n: i32 = \"doze\".parse().unwrap();\n    println!(\"{n}\");\n}\n", "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }", '"doze".parse()', type="panic"),
    _rust("exit", "fn main() {\n    eprintln!(\"error: plan %UUID% is stale\");\n    std::process::exit(2);\n}\n", "is stale"),
    _rust("lifetime", "struct S { name: &str }\nfn main() {}\n", "missing lifetime specifier", "name: &str", run=("cargo build -q", "cargo check"), type="E0106"),
    _rust("denied", "#![deny(unused_variables)]\nfn main() {\n    let tide = 3;\n}\n", "unused variable: `tide`", "let tide", run="cargo build"),
    _rust("test-fail", "fn main() {}\n%MORE(#[test]\nfn ok_@() {}\n)%#[test]\nfn gear() {\n    let teeth: Option<u32> = None;\n    teeth.expect(\"gear has teeth\");\n}\n", "gear has teeth", "teeth.expect", run=("cargo test -q", "cargo test"), type="panic"),
    _rust("bounds", "fn main() {\n    let v = vec![1, 2, 3];\n    let n = v.len() + %N%;\n    println!(\"{}\", v[n]);\n}\n", "index out of bounds: the len is 3 but the index is", "v[n]", type="panic"),
    late("rust", "argument", "b.rs", "%PAD //%\nfn f(n: u8) -> u8 { n }\nfn main() {\n    f(\"x\");\n}\n", "rustc b.rs", "mismatched types", 'f("x")', type="E0308"),
]  # fmt: skip

GO = [
    *(_go(f"status-{code}", "import (\n\t\"log\"\n)\n\nfunc main() {\n\tlog.Fatalf(\"GET /plans/%UUID%: unexpected status " + str(code) + " after %MS% ms\")\n}\n", f"unexpected status {code}", family="go-status") for code in (401, 504)),
    _go("wrapped", "import (\n\t\"fmt\"\n\t\"log\"\n\t\"os\"\n)\n\n%PAD //%\nfunc main() {\n\t_, err := os.Open(\"nada-%ID%.json\")\n\tlog.Fatal(fmt.Errorf(\"load plan: %w\", err))\n}\n", "no such file or directory"),
    _go("slice", "%PAD //%\nfunc cut(s []int, n int) []int {\n\treturn s[n:]\n}\n\nfunc main() {\n\tcut([]int{1, 2}, %N%)\n}\n", "runtime error: slice bounds out of range", "return s[n:]", type="panic"),
    _go("error-panic", "import \"errors\"\n\n%PAD //%\nfunc open() {\n\tpanic(errors.New(\"lock gate is open\"))\n}\n\nfunc main() { open() }\n", "lock gate is open", "panic(errors", type="panic"),
    _go("vet", "import \"fmt\"\n\n%PAD //%\nfunc main() {\n\tfmt.Printf(\"%d gears\\n\", \"two\")\n}\n", "fmt.Printf format %d has arg \"two\" of wrong type string", "fmt.Printf", run="go vet"),
    _go("table", "import \"testing\"\n\n%PAD //%\nfunc TestGears(t *testing.T) {\n\tfor _, n := range []int{1, 2} {\n\t\tif n == 2 {\n\t\t\tt.Errorf(\"gear %d: teeth = 3, want 4\", n)\n\t\t}\n\t}\n}\n", "gear 2: teeth = 3, want 4", "t.Errorf", run=("go test", "go test -v", "go test -count=1 ./..."), file="main_test.go"),
    _go("test-late", "import (\n\t\"testing\"\n\t\"time\"\n)\n\n%PAD //%\nfunc TestSlow(t *testing.T) {\n\ttime.Sleep(9 * time.Second)\n}\n", "test timed out after 400ms", "time.Sleep", run="go test -timeout 400ms", file="main_test.go", type="panic"),
    _go("args", "%PAD //%\nfunc f(n int) {}\n\nfunc main() {\n\tf(1, 2)\n}\n", "too many arguments in call to f", "f(1, 2)", run=("go build", "go vet", "go run .")),
    _go("import-nada", "import \"ponte/mare\"\n\nfunc main() { mare.Up() }\n", "package ponte/mare is not in GOROOT", None, run="go build"),
]  # fmt: skip

JAVA = [
    _java("assertion", "  public static void main(String[] a) {\n    assert a.length > 3 : \"too few spans\";\n  }\n", "too few spans", "assert a", run=("javac B.java && java -ea B",), type="java.lang.AssertionError"),
    _java("number", "  static int read(String s) {\n    return Integer.parseInt(s);\n  }\n  public static void main(String[] a) { read(\"doze\"); }\n", 'For input string: "doze"', "Integer.parse", type="java.lang.NumberFormatException"),
    _java("arithmetic", "  public static void main(String[] a) {\n    System.out.println(10 / a.length);\n  }\n", "/ by zero", "10 / a", type="java.lang.ArithmeticException"),
    _java("heap", "  public static void main(String[] a) {\n    int[] big = new int[1 << 28];\n    System.out.println(big.length);\n  }\n", "Java heap space", "new int", run="javac B.java && java -Xmx16m B", type="java.lang.OutOfMemoryError"),
    _java("exit", "  public static void main(String[] a) {\n    System.err.println(\"error: harbour %ID% is full\");\n    System.exit(3);\n  }\n", "is full"),
    _java("no-main", "  int n = %N%;\n", "Main method not found in class B, please define the main method as:", run="javac B.java && java B"),
    _java("return", "  static int f() {\n  } // f\n", "missing return statement", "} // f", run="javac B.java"),
    _java("nested", "  static class TideException extends RuntimeException {\n    TideException(String m, Throwable t) { super(m, t); }\n  }\n  public static void main(String[] a) {\n    try {\n      Object o = null; o.hashCode();\n    } catch (RuntimeException e) {\n      throw new TideException(\"tide table is broken\", e);\n    }\n  }\n",
          "tide table is broken <- java.lang.NullPointerException: "
          'Cannot invoke "Object.hashCode()" because "<local1>" is null', "throw new Tide", run="javac B.java && java B", type="B$TideException"),
    _java("collection", "  public static void main(String[] a) {\n    java.util.List.of(1, 2).add(3);\n  }\n", "java.lang.UnsupportedOperationException", ".add(3)", type="java.lang.UnsupportedOperationException"),
]  # fmt: skip

SCRIPTS = [
    _ruby("count", "def span(a, b)\nend\nspan(%N%)\n", "wrong number of arguments (given 1, expected 2)", "def span", "ArgumentError"),
    _ruby("coerce", "def add(n)\n  1 + n\nend\nadd('2')\n", "String can't be coerced into Integer", "1 + n", "TypeError"),
    _ruby("abort", "puts 'step %ID%'\nabort 'harbour is closed'\n", "harbour is closed", None, None),
    _ruby("json", "require 'json'\ndef load(t)\n  JSON.parse(t)\nend\nload('{')\n", "unexpected token at", "JSON.parse(", "JSON::ParserError"),
    _ruby("own", "class TideError < StandardError; end\ndef rise\n  raise TideError, \"tide of %N% cm\"\nend\nrise\n", "tide of", "raise Tide", "TideError"),
    _ruby("rspec-include", "RSpec.describe 'gear' do\n%MORE(  it('ok @') {}\n)%  it 'turns' do\n    expect([1, 2]).to include(3)\n  end\nend\n", "expected [1, 2] to include 3", "to include", None, run=("rspec b_spec.rb", "rspec -fd b_spec.rb"), file="b_spec.rb"),
    _ruby("minitest-nil", "require 'minitest/autorun'\nclass TestB < Minitest::Test\n%MORE(  def test_ok_@ = nil\n)%  def test_gear\n    assert_nil 5\n  end\nend\n", "Expected 5 to be nil.", "assert_nil", None),
    _php("own", "namespace Ponte;\nclass SpanError extends \\Exception {}\nfunction span($n) {\n  throw new SpanError(\"span $n is too long\");\n}\nspan(%N%);\n", "is too long", "throw new Span", "Ponte\\SpanError"),
    _php("json", "function load($t) {\n  return json_decode($t, false, 5, JSON_THROW_ON_ERROR);\n}\nload('{');\n", "Syntax error", "return json_decode", "JsonException"),
    _php("match", "function gear($n) {\n  return match($n) { 1 => 'a' };\n}\ngear('%N%x');\n", "Unhandled match case", "return match", "UnhandledMatchError"),
    _php("warning", "$t = file_get_contents('nada.txt');\nif ($t === false) exit(1);\n", "file_get_contents(nada.txt): Failed to open stream: No such file or directory", "$t = file"),
    _php("exit", "fwrite(STDERR, \"plan %UUID% has no owner\\n\");\nexit(4);\n", "has no owner"),
    _php("phpunit-count", "class BTest extends PHPUnit\\Framework\\TestCase {\n%MORE(  public function testOk@(): void { $this->assertTrue(true); }\n)%  public function testGear(): void {\n    $this->assertCount(2, [1]);\n  }\n}\n", "Failed asserting that actual size 1 matches expected size 2.", "assertCount", run="phpunit BTest.php", file="BTest.php"),
    _lua("assert", "local function load(n)\n  assert(n > 99, 'tide is too low')\nend\nload(%N%)\n", "tide is too low"),
    _lua("compare", "local function max(a, b)\n  return a < b\nend\nmax(%N%, nil)\n", "attempt to compare number with nil", "return a < b"),
    _lua("open", "local f = assert(io.open('nada.txt'))\n", "nada.txt: No such file or directory"),
    _lua("busted", "describe('gear', function()\n%MORE(  it('ok @', function() end)\n)%  it('turns', function()\n    assert.is_true(false)\n  end)\nend)\n", "Expected objects to be the same", "assert.is_true", run="busted b.lua"),
    _perl("undefined", "my $p;\nsub go { $p->turn(%N%) }\ngo();\n", "Can't call method \"turn\" on an undefined value", "$p->turn"),
    _perl("croak", "use Carp;\nsub span { croak 'span is negative' }\nspan(-1);\n", "span is negative", "span(-1)"),
    _perl("is", "use Test::More tests => 1;\nis(2 + 2, 5, 'gears mesh');\n", "Failed test 'gears mesh'", "is(2"),
    late("r", "bounds", "b.R", "%PAD #%\nf <- function(x) x[[5]]\nf(list(1))\n", "Rscript b.R", "subscript out of bounds"),
    late("r", "convert", "b.R", "%PAD #%\nlibrary(maré.nada)\n", "Rscript b.R", "there is no package called"),
    late("elixir", "clause", "b.exs", "%PAD #%\ndefmodule B do\n  def f(1), do: 1\nend\nB.f(%N%)\n", "elixir b.exs", "no function clause matching in B.f/1", type="FunctionClauseError", at=("b.exs", "def f(1)")),
    late("elixir", "key", "b.exs", "%PAD #%\ndefmodule B do\n  def f(m), do: Map.fetch!(m, :tide)\nend\nB.f(%{})\n", "elixir b.exs", "key :tide not found in: %{}", type="KeyError", at=("b.exs", None)),
    late("elixir", "unit", "b.exs", "ExUnit.start()\n%PAD #%\ndefmodule BTest do\n  use ExUnit.Case\n%MORE(  test \"ok @\", do: :ok\n)%  test \"gear\" do\n    assert 1 + 1 == 3\n  end\nend\n", "elixir b.exs", "Assertion with == failed", "assert 1"),
    late("erlang", "match", "b.escript", "#!/usr/bin/env escript\n%PAD %%%\nmain(_) ->\n    {ok, _} = {error, %N%}.\n", "escript b.escript", "no match of right hand side value {error,"),
    late("ocaml", "failure", "b.ml", "(* %UUID% *)\nlet rec last = function [x] -> x | _ :: t -> last t | [] -> invalid_arg \"no gears\"\nlet () = print_int (last [])\n", "ocaml b.ml", "no gears", type="Invalid_argument"),
    late("ocaml", "constructor", "b.ml", "(* %UUID% *)\ntype t = A | B\nlet x = C\n", "ocaml b.ml", "Unbound constructor C", "let x"),
    late("tcl", "arguments", "b.tcl", "%PAD #%\nproc span {a b} {}\nspan %N%\n", "tclsh b.tcl", 'wrong # args: should be "span a b"', "span %N%"),
    late("tcl", "open", "b.tcl", "%PAD #%\nset f [open nada.txt]\n", "tclsh b.tcl", 'couldn\'t open "nada.txt": no such file or directory', "set f"),
]  # fmt: skip

PROGRAMS = [*C, *RUST, *GO, *JAVA, *SCRIPTS]
