"""Suites of the runners of compiled languages."""

from tests.diagnostics.suites.suite import Suite

_GO = """\
package pedido

import "testing"

func TestSoma(t *testing.T) {}
func TestTotal(t *testing.T) {
	t.Log("calculando")
	if 100 != 90 {
		t.Errorf("total = %d, want %d", 100, 90)
	}
}
func TestDesconto(t *testing.T) { t.Skip("por vir") }
func TestFrete(t *testing.T) {
	for _, c := range []struct{ nome string; a, b int }{{"perto", 1, 2}, {"longe demais", 2, 5}} {
		t.Run(c.nome, func(t *testing.T) {
			if c.a+1 != c.b {
				t.Fatalf("got %d, want %d", c.a+1, c.b)
			}
		})
	}
}
"""
_GO_FILES = {
    "go.mod": "module loja\n\ngo 1.19\n",
    "pedido/pedido.go": "package pedido\n",
    "pedido/pedido_test.go": _GO,
    "cliente/cliente.go": "package cliente\n",
    "cliente/cliente_test.go": 'package cliente\n\nimport "testing"\n\n'
    "func TestNome(t *testing.T) {}\n",
}
_GO_PANIC = _GO_FILES | {
    "cliente/cliente_test.go": 'package cliente\n\nimport "testing"\n\n'
    'func TestNome(t *testing.T) { panic("sem nome") }\n'
}
_GO_BROKEN = _GO_FILES | {
    "cliente/cliente_test.go": 'package cliente\n\nimport "testing"\n\n'
    "func TestNome(t *testing.T) { nada() }\n"
}
_GO_PASSING = {
    "go.mod": "module loja\n\ngo 1.19\n",
    "a.go": "package loja\n",
    "a_test.go": """\
package loja

import (
	"fmt"
	"testing"
)

func TestPrints(t *testing.T) {
	fmt.Println("--- FAIL: TestX (0.00s)")
	fmt.Println("FAIL")
	fmt.Println("FAIL\\tpkg\\t0.01s")
	t.Run("1 failed", func(t *testing.T) {})
}
""",
}
_JSON = "go test -json ./... > report.json"
_RUST = """\
pub fn soma(a: i32) -> i32 { a + 1 }
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn soma_o_frete() { assert_eq!(soma(1), 2); }
    #[test]
    fn calcula_o_total() { assert_eq!(soma(99), 90, "total"); }
    #[test]
    #[ignore]
    fn desconto_por_vir() {}
    mod cancelado {
        #[test]
        fn nao_cobra() { panic!("sem pedido"); }
        #[test]
        fn devolve() -> Result<(), String> { Err("sem estoque".into()) }
    }
}
"""
_CARGO = '[package]\nname = "loja"\nversion = "0.1.0"\nedition = "2021"\n'
_RUST_FILES = {
    "Cargo.toml": _CARGO,
    "src/lib.rs": _RUST,
    "tests/inteiro.rs": "#[test]\nfn passa() {}\n#[test]\nfn falha() { assert!(1 > 2); }\n",
}
_RUST_REPORT = (
    "RUSTC_BOOTSTRAP=1 cargo test --offline --no-fail-fast -- -Z unstable-options --format json"
    " > report.json"
)
_GTEST = """\
#include <gtest/gtest.h>
TEST(Pedido, Soma) { EXPECT_EQ(1 + 1, 2); }
TEST(Pedido, Total) { EXPECT_EQ(100, 90); }
TEST(Pedido, Desconto) { GTEST_SKIP() << "por vir"; }
class Frete : public testing::TestWithParam<int> {};
TEST_P(Frete, Dobra) { EXPECT_LT(GetParam(), 3) << "longe"; }
INSTANTIATE_TEST_SUITE_P(Perto, Frete, testing::Values(1, 2, 5));
TEST(Cancelado, NaoCobra) { throw std::runtime_error("sem pedido"); }
"""
_CATCH = """\
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
TEST_CASE("soma o frete") { REQUIRE(1 + 1 == 2); }
TEST_CASE("calcula o total") { int total = 100; CHECK(total == 90); }
TEST_CASE("frete") {
  SECTION("perto") { REQUIRE(1 < 3); }
  SECTION("longe") { REQUIRE(5 < 3); }
}
TEST_CASE("nao cobra") { throw std::runtime_error("sem pedido"); }
"""

SUITES = [
    Suite(
        name="go", files=_GO_FILES, command="go test ./...", again=_JSON, report="go:report.json"
    ),
    Suite(
        name="go/verbose",
        files=_GO_FILES,
        command="go test -v ./...",
        again=_JSON,
        report="go:report.json",
    ),
    Suite(
        name="go/json",
        files=_GO_FILES,
        command="go test -json ./...",
        again=_JSON,
        report="go:report.json",
    ),
    Suite(
        name="go/panic",
        files=_GO_PANIC,
        command="go test -v ./...",
        again=_JSON,
        report="go:report.json",
    ),
    Suite(
        name="go/broken",
        files=_GO_BROKEN,
        command="go test -v ./...",
        report="told: 3 failed, 2 passed, 1 skipped, 1 errored",
    ),
    Suite(
        name="go/passing",
        files=_GO_PASSING,
        command="go test -v ./...",
        report="told: 2 passed",
    ),
    Suite(
        name="cargo",
        files=_RUST_FILES,
        command="cargo test --offline --no-fail-fast",
        again=_RUST_REPORT,
        report="cargo:report.json",
    ),
    Suite(
        name="cargo/first",
        files=_RUST_FILES,
        command="cargo test --offline",
        again=_RUST_REPORT.replace(" --no-fail-fast", ""),
        report="cargo:report.json",
    ),
    Suite(
        name="gtest",
        files={"a.cpp": _GTEST},
        command="./a --gtest_output=json:report.json",
        again="g++ a.cpp -o a -lgtest -lgtest_main -lpthread",
        report="gtest:report.json",
    ),
    Suite(
        name="catch2",
        files={"a.cpp": _CATCH},
        command="./a",
        again="g++ a.cpp -o a && ./a -r xml -o report.xml",
        report="told: 3 failed, 1 passed: calcula o total; frete; nao cobra",
    ),
]
