"""Programs in C, C++, Rust, Go, Java and OCaml that do not build, crash or fail their tests."""

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
    **more,
):
    return Failing(
        name=f"{ecosystem}/{name}", files={file: code, **more.get("files", {})}, run=run, type=type,
        message=message, at=at or ((file, piece) if piece else None), count=count,
        family=family and f"{ecosystem}/{family}", plain=plain,
    )  # fmt: skip


_C_HEAD = "#include <stdio.h>\n#include <stdlib.h>\n%PAD //%\n"


def _c(name, code, message, piece, run="gcc -c app.c", ecosystem="gcc", **more):
    return _of(
        ecosystem,
        name,
        "app.c",
        _C_HEAD + code,
        run,
        more.pop("type", None),
        message,
        piece,
        **more,
    )


def _crash(name, code, message, piece, type=None, flags="-g", **more):
    run = f"gcc {flags} app.c -o app && ./app %N%; exit $?"
    return _c(name, code, message, piece, run, "c-crash", type=type, **more)


def _cpp(name, code, message, piece, run="g++ -c app.cpp", type=None, **more):
    return _of("g++", name, "app.cpp", "#include <vector>\n#include <string>\n#include <stdexcept>\n#include <map>\n%PAD //%\n" + code,
               run, type, message, piece, **more)  # fmt: skip


C = [
    _c("undeclared", "int main(void) {\n  return total;\n}\n", "‘total’ undeclared (first use in this function)", "return total"),
    _c("header", "#include <fila/fila.h>\nint main(void) { return 0; }\n", "fila/fila.h: No such file or directory", "#include <fila"),
    _c("semicolon", "int main(void) {\n  int a = 1\n  return a;\n}\n", "expected ‘,’ or ‘;’ before ‘return’", "return a;"),
    _c("werror", "int f(void) {\n  int lost = 1;\n  return 0;\n}\n", "unused variable ‘lost’ [-Werror=unused-variable]", "int lost",
       "gcc -Wall -Werror -c app.c"),
    _c("arguments", "int f(int a) { return a; }\nint main(void) {\n  return f(1, 2);\n}\n", "too many arguments to function ‘f’", "return f("),
    _c("type", "struct plan { int a; };\nint main(void) {\n  struct plan p = %N%;\n  return 0;\n}\n", "invalid initializer", "struct plan p"),
    _c("undeclared", "int main(void) {\n  return total;\n}\n", "use of undeclared identifier 'total'", "return total", "clang -c app.c", "clang"),
    _c("conflict", "int f(int a);\nchar *f(int a) { return 0; }\n", "conflicting types for 'f'", "char *f", "clang -c app.c", "clang"),
    _c("warning-first", "int g(void) { int a; return a; }\nint main(void) {\n  return naoexiste;\n}\n", "use of undeclared identifier 'naoexiste'",
       "return naoexiste", "clang -Wall -c app.c", "clang"),
    _cpp("member", "struct Plan { int a; };\nint f(Plan p) {\n  return p.steps;\n}\n", "‘struct Plan’ has no member named ‘steps’", "p.steps"),
    _cpp("template", "int main() {\n  std::vector<int> v;\n  v.push_back(std::string(\"x\"));\n}\n",
         "no matching function for call to ‘std::vector<int>::push_back(std::string)’", "v.push_back"),
    _cpp("convert", "int main() {\n  int n = std::string(\"a\");\n}\n", "cannot convert ‘std::string’", "int n"),
    _cpp("thrown", "int main() { throw std::runtime_error(\"fila cheia\"); }\n", "fila cheia", None, "g++ app.cpp -o app && ./app",
         type="std::runtime_error"),
    _cpp("out-of-range", "int main() {\n  std::map<std::string, int> m;\n  return m.at(\"x\");\n}\n", "map::at", None,
         "g++ app.cpp -o app && ./app", type="std::out_of_range"),
    _c("undefined", "int missing_part(int);\nint main(void) { return missing_part(1); }\n", "undefined reference to `missing_part'", None,
       "gcc app.c -o app", "linker", at=("app.c", None)),
    _c("undefined-debug", "int other_part(int);\nint main(void) {\n  return other_part(1);\n}\n", "undefined reference to `other_part'", "return other",
       "gcc -g -c app.c -o app.o && gcc app.o -o app", "linker"),
    _c("multiple", "int twice(void) { return 1; }\nint main(void) { return 0; }\n", "multiple definition of `twice'", None,
       "gcc app.c b.c -o app", "linker", at=("b.c", None), files={"b.c": "%PAD //%\nint twice(void) { return 2; }\n"}),
    _c("library", "int main(void) { return 0; }\n", "cannot find -lfilarapida: No such file or directory", None, "gcc app.c -lfilarapida", "linker"),
    _crash("segfault", "int main(int n, char **a) { int *p = 0; printf(\"start\\n\"); fflush(stdout); return *p; }\n", "Segmentation fault", None, plain=True),
    _crash("assert", "#include <assert.h>\nint pay(int n) {\n  assert(n < 0);\n  return n;\n}\nint main(int c, char **a) { return pay(atoi(a[1])); }\n",
           "Assertion `n < 0' failed", "assert(n", plain=True),
    _crash("abort", "int main(void) { fprintf(stderr, \"corrupted plan %ID%\\n\"); abort(); }\n", "corrupted plan", None, plain=True),
    _crash("asan", "int main(int c, char **a) {\n  int *p = malloc(4);\n  free(p);\n  return p[0];\n}\n", "heap-use-after-free", "return p[0]",
           type="AddressSanitizer", flags="-g -fsanitize=address"),
    _crash("ubsan", "int main(int c, char **a) {\n  int n = atoi(a[1]);\n  int xs[2] = {1, 2};\n  return xs[n];\n}\n", "out of bounds for type 'int [2]'",
           "return xs", flags="-g -fsanitize=undefined -fno-sanitize-recover"),
    _crash("smash", "#include <string.h>\nint f(char *s) { char b[4]; strcpy(b, s); return b[0]; }\nint main(int c, char **a) { return f(\"much too long for this buffer\"); }\n",
           "stack smashing detected", None, flags="-g -fstack-protector-all -w", plain=True),
    _crash("double-free", "int main(void) { char *p = malloc(40); free(p); free(p); return 0; }\n", "free(): double free detected", None, flags="-g -w", plain=True),
]  # fmt: skip


def _make(name, makefile, message, type=None, at=None, run="make", **files):
    return Failing(
        name=f"make/{name}",
        files={"Makefile": makefile, **files},
        run=run,
        type=type,
        message=message,
        at=at,
    )


MAKE = [
    _make("no-rule", "%PAD #%\napp: filas.c\n\tgcc filas.c\n", "No rule to make target 'filas.c', needed by 'app'."),
    _make("separator", "%PAD #%\napp:\n    echo x\n", "missing separator", at=("Makefile", "    echo x")),
    _make("recipe", "%PAD #%\nbuild:\n\t@echo building %ID%\n\t@cat settings.mk\n\nall: build\n", "settings.mk: No such file or directory"),
    _make("compiler", "%PAD #%\napp: app.c\n\tgcc -c app.c\n\tgcc app.o\n", "‘soma’ undeclared (first use in this function)", at=("app.c", "return soma"),
          **{"app.c": "%PAD //%\nint main(void) {\n  return soma;\n}\n"}),
    _make("silent", "%PAD #%\ncheck:\n\t@exit 3\n", "[Makefile:", at=None),
    _make("no-target", "%PAD #%\nall:\n\techo\n", "No rule to make target 'publish'.", run="make publish"),
    _make("nested", "%PAD #%\nall:\n\t$(MAKE) -C lib\n", "lib.c:", **{"lib/Makefile": "all:\n\tgcc -c lib.c\n", "lib/lib.c": "%PAD //%\nint f(void) {\n  return 1 +;\n}\n"}),
]  # fmt: skip
MAKE[-1] = Failing(
    name="make/nested",
    files=MAKE[-1].files,
    run="make",
    message="expected expression before ‘;’ token",
    at=("lib/lib.c", "return 1"),
)

_CARGO = '[package]\nname = "fila"\nversion = "0.1.0"\nedition = "2021"\n'


def _rust(name, code, type, message, piece, run="cargo run -q", **more):
    return _of("rust", name, "src/main.rs", "%PAD //%\n" + code, run, type, message, piece,
               files={"Cargo.toml": _CARGO, **more.pop("files", {})}, **more)  # fmt: skip


_BUILD = ("cargo build", "cargo build -q", "cargo check")
_CARGO_TEST = ("cargo test", "cargo test -q", "cargo test -- --test-threads=1")
_RUST_TEST = "fn main() {}\n#[cfg(test)]\nmod tests {\n%MORE(    #[test]\n    fn fine_@() {}\n)%"

RUST = [
    _rust("mismatch", "fn main() {\n    let n: i32 = \"x\";\n    println!(\"{}\", n);\n}\n", "E0308", "mismatched types", "let n", _BUILD),
    _rust("moved", "fn take(s: String) {}\nfn main() {\n    let s = String::new();\n    take(s);\n    println!(\"{}\", s);\n}\n", "E0382",
          "borrow of moved value: `s`", "println!(\"{}\", s)", _BUILD),
    _rust("unresolved", "fn main() {\n    println!(\"{}\", total);\n}\n", "E0425", "cannot find value `total` in this scope", "println", _BUILD),
    _rust("crate", "use serde::Serialize;\nfn main() {}\n", "E0432", "unresolved import `serde`", "use serde", _BUILD),
    _rust("syntax", "fn main() {\n    let a = ;\n}\n", None, "expected expression, found `;`", "let a", _BUILD),
    _rust("unwrap", "fn find(_: u32) -> Option<u32> { None }\nfn main() {\n    find(%N%).unwrap();\n}\n", "panic",
          "called `Option::unwrap()` on a `None` value", "find(%N%)"),
    _rust("index", "fn main() {\n    let v = vec![1, 2, 3];\n    let n = std::env::args().count() + 5;\n    println!(\"{}\", v[n]);\n}\n", "panic",
          "index out of bounds: the len is 3 but the index is", "println"),
    _rust("own-panic", "fn main() {\n    panic!(\"lock of {} was lost\", %ID%);\n}\n", "panic", "was lost", "panic!"),
    _rust("expect", "fn main() {\n    let n: u32 = \"doze\".parse().expect(\"steps must be a number\");\n    println!(\"{}\", n);\n}\n", "panic",
          "steps must be a number: ParseIntError { kind: InvalidDigit }", "let n"),
    _rust("returned", "fn main() -> Result<(), String> {\n    Err(\"plan has no steps\".to_string())\n}\n", None, '"plan has no steps"', None),
    _rust("test-equal", _RUST_TEST + "    #[test]\n    fn adds() {\n        assert_eq!(2 + 2, 5);\n    }\n}\n", "panic",
          "assertion `left == right` failed left: 4 right: 5", "assert_eq!", _CARGO_TEST),
    _rust("test-message", _RUST_TEST + "    #[test]\n    fn gate() {\n        assert!(false, \"the door must be shut\");\n    }\n}\n", "panic",
          "the door must be shut", "assert!(", _CARGO_TEST),
    _rust("manifest", "fn main() {}\n", None, "unexpected character 'u' while parsing major version number", None, "cargo build", at=("Cargo.toml", "version = \"um"), files={"Cargo.toml": "[package]\nname = \"fila\"\nversion = \"um\"\n"}),
]  # fmt: skip


def _go(
    name,
    code,
    type,
    message,
    piece,
    run=("go build", "go vet", "go build ./..."),
    file="main.go",
    **more,
):
    return _of(
        "go",
        name,
        file,
        code,
        run,
        type,
        message,
        piece,
        files={"go.mod": "module fila\n\ngo 1.19\n", **more.pop("files", {})},
        **more,
    )


_GO = 'package main\n\nimport "fmt"\n\n%PAD //%\n'
_GO_TEST = 'package main\n\nimport "testing"\n\n%PAD //%\n%MORE(func TestFine@(t *testing.T) {}\n)%'
_RUN_TEST = ("go test", "go test -v", "go test ./...")

GO = [
    _go("undefined", _GO + "func main() {\n\tfmt.Println(total)\n}\n", None, "undefined: total", "Println(total)"),
    _go("types", _GO + "func main() {\n\tvar n int = \"x\"\n\tfmt.Println(n)\n}\n", None, "cannot use \"x\" (untyped string constant) as int value", "var n int"),
    _go("unused", _GO + "func main() {\n\tn := 1\n\tfmt.Println()\n}\n", None, "n declared but not used", "n := 1", "go build"),
    _go("import", "package main\n\n%PAD //%\nimport \"fila/nada\"\n\nfunc main() { nada.X() }\n", None, "package fila/nada is not in GOROOT", "import", "go build"),
    _go("syntax", _GO + "func main() {\n\tfmt.Println(\n}\n", None, "syntax error: unexpected }", "}", "go build", at=("main.go", "}")),
    _go("index", _GO + "func pick(v []int, n int) int {\n\treturn v[n]\n}\nfunc main() { fmt.Println(pick([]int{1, 2, 3}, %N%)) }\n", "panic",
        "runtime error: index out of range", "return v[n]", "go run ."),
    _go("nil-map", _GO + "func put(m map[string]int) {\n\tm[\"a\"] = 1\n}\nfunc main() { fmt.Println(1); put(nil) }\n", "panic",
        "assignment to entry in nil map", "m[\"a\"]", "go run ."),
    _go("nil-pointer", _GO + "type Plan struct{ n int }\nfunc read(p *Plan) int {\n\treturn p.n\n}\nfunc main() { fmt.Println(read(nil)) }\n", "panic",
        "runtime error: invalid memory address or nil pointer dereference", "return p.n", "go run ."),
    _go("deadlock", _GO + "func main() {\n\tc := make(chan int)\n\tfmt.Println(<-c)\n}\n", "fatal error", "all goroutines are asleep - deadlock!", "<-c", "go run ."),
    _go("own-panic", _GO + "func main() {\n\tpanic(fmt.Sprintf(\"lock of %s lost\", \"%UUID%\"))\n}\n", "panic", "lost", "panic(", "go run ."),
    _go("fatal-log", "package main\n\nimport (\n\t\"log\"\n\t\"os\"\n)\n\n%PAD //%\nfunc main() {\n\t_, err := os.Open(\"%TEMP%/plan.json\")\n\tlog.Fatal(err)\n}\n", None,
        "no such file or directory", None, "go run ."),
    _go("test-message", _GO_TEST + "func TestSum(t *testing.T) {\n\tif 2+2 != 5 {\n\t\tt.Errorf(\"got %d, want %d\", 2+2, 5)\n\t}\n}\n", None,
        "got 4, want 5", "t.Errorf", _RUN_TEST, "main_test.go"),
    _go("test-fatal", _GO_TEST + "func TestLoad(t *testing.T) {\n\tt.Fatalf(\"plan of %ID% was not loaded\")\n}\n", None,
        "was not loaded", "t.Fatalf", _RUN_TEST, "main_test.go"),
    _go("test-panic", _GO_TEST + "func TestPanic(t *testing.T) {\n\tvar v []int\n\t_ = v[len(v)+%N%]\n}\n", "panic",
        "runtime error: index out of range", "_ = v", _RUN_TEST, "main_test.go"),
    _go("subtest", _GO_TEST + "func TestTable(t *testing.T) {\n\tt.Run(\"empty\", func(t *testing.T) {\n\t\tt.Error(\"the queue must be empty\")\n\t})\n}\n", None,
        "the queue must be empty", "t.Error", _RUN_TEST, "main_test.go"),
]  # fmt: skip


def _java(name, body, type, message, piece, run="javac App.java && java App", **more):
    return _of(
        "java",
        name,
        "App.java",
        "import java.util.*;\n%PAD //%\npublic class App {\n" + body + "}\n",
        run,
        type,
        message,
        piece,
        **more,
    )


_JUNIT = "javac -cp /usr/share/java/junit4.jar App.java && java -cp .:/usr/share/java/junit4.jar:/usr/share/java/hamcrest-core.jar org.junit.runner.JUnitCore App"


def _junit(name, body, type, message, piece):
    fine = "  @org.junit.Test public void fine() {}\n"
    return _java(f"junit-{name}", fine + body, type, message, piece, _JUNIT)


JAVA = [
    _java("symbol", "  public static void main(String[] a) {\n    System.out.println(total);\n  }\n", None, "cannot find symbol", "println(total)"),
    _java("types", "  public static void main(String[] a) {\n    int n = \"x\";\n  }\n", None, "incompatible types: String cannot be converted to int", "int n"),
    _java("semicolon", "  public static void main(String[] a) {\n    int n = 1\n  }\n", None, "';' expected", "int n"),
    _java("null", "  static int size(String s) {\n    return s.length();\n  }\n  public static void main(String[] a) { size(null); }\n",
          "java.lang.NullPointerException", 'Cannot invoke "String.length()" because', "s.length"),
    _java("index", "  public static void main(String[] a) {\n    int[] v = new int[3];\n    v[%N%] = 1;\n  }\n", "java.lang.ArrayIndexOutOfBoundsException",
          "out of bounds for length 3", "v[%N%]"),
    _java("cause", "  static int parse(String s) {\n    return Integer.parseInt(s);\n  }\n  public static void main(String[] a) {\n    try { parse(\"doze\"); }\n    catch (NumberFormatException e) { throw new IllegalStateException(\"bad settings\", e); }\n  }\n",
          "java.lang.IllegalStateException",
          'bad settings <- java.lang.NumberFormatException: For input string: "doze"',
          "throw new Illegal"),
    _java("library", "  public static void main(String[] a) {\n    List.of(1, 2).add(%N%);\n  }\n", "java.lang.UnsupportedOperationException",
          "", "List.of"),
    _java("own", "  static class PlanException extends RuntimeException { PlanException(String m) { super(m); } }\n  static void check() {\n    throw new PlanException(\"plan %UUID% has no steps\");\n  }\n  public static void main(String[] a) { check(); }\n",
          "App$PlanException", "has no steps", "throw new Plan"),
    _java("overflow", "  static int deep(int n) {\n    return deep(n + 1);\n  }\n  public static void main(String[] a) { deep(0); }\n",
          "java.lang.StackOverflowError", "", "return deep"),
    _java("main-class", "  public static void main(String[] a) { }\n", "java.lang.ClassNotFoundException", "Nada", None, "javac App.java && java Nada"),
    _java("thread", "  public static void main(String[] a) throws Exception {\n    Thread t = new Thread(() -> {\n      throw new IllegalStateException(\"lock was lost\");\n    });\n    t.start(); t.join(); System.exit(1);\n  }\n",
          "java.lang.IllegalStateException", "lock was lost", "throw new"),
    _junit("equal", "  @org.junit.Test public void sum() {\n    org.junit.Assert.assertEquals(5, 2 + 2);\n  }\n", "java.lang.AssertionError",
           "expected:<5> but was:<4>", "assertEquals"),
    _junit("raised", "  @org.junit.Test public void load() {\n    new ArrayList<Integer>().iterator().next();\n  }\n", "java.util.NoSuchElementException", "", "next()"),
    _junit("message", "  @org.junit.Test public void gate() {\n    org.junit.Assert.assertTrue(\"the hatch must be shut\", false);\n  }\n", "java.lang.AssertionError",
           "the hatch must be shut", "assertTrue"),
]  # fmt: skip

OCAML = [
    _of("ocaml", "type", "app.ml", "(* x *)\n%MORE(let _ = @\n)%let n : int = \"x\"\n", "ocaml app.ml", None,
        "This expression has type string but an expression was expected of type int", "let n"),
    _of("ocaml", "unbound", "app.ml", "%MORE(let _ = @\n)%let _ = print_int total\n", "ocaml app.ml", None, "Unbound value total", "print_int"),
    _of("ocaml", "raised", "app.ml", "%MORE(let _ = @\n)%let f () = failwith \"fila vazia\"\nlet () = f ()\n", "ocaml app.ml", "Failure", '"fila vazia"', None),
]  # fmt: skip

PROGRAMS = [*C, *MAKE, *RUST, *GO, *JAVA, *OCAML]
