"""Suites of the runners of Ruby, PHP and Elixir."""

from tests.diagnostics.suites.suite import Suite

_RSPEC = """\
RSpec.describe 'pedido' do
  it('soma o frete') { expect(1 + 1).to eq(2) }
  it('calcula o total') { expect(100).to eq(90) }
  xit('desconto por vir') { }
  [[1, 2], [2, 5]].each { |a, b| it("soma #{a} dá #{b}") { expect(a + 1).to eq(b) } }
  context 'cancelado' do
    it('não cobra') { raise TypeError, 'sem pedido' }
  end
end
"""
_MINITEST = """\
require 'minitest/autorun'
class PedidoTest < Minitest::Test
  def test_soma; assert_equal 2, 1 + 1; end
  def test_total; assert_equal 90, 100; end
  def test_desconto; skip 'por vir'; end
  def test_cancelado; raise TypeError, 'sem pedido'; end
end
"""
_PHPUNIT = """\
<?php
use PHPUnit\\Framework\\TestCase;
final class PedidoTest extends TestCase {
    public function testSoma(): void { $this->assertSame(2, 1 + 1); }
    public function testTotal(): void { $this->assertSame(90, 100); }
    public function testDesconto(): void { $this->markTestSkipped('por vir'); }
    public function testPronto(): void { $this->markTestIncomplete('um dia'); }
    public function testCancelado(): void { throw new TypeError('sem pedido'); }
    /** @dataProvider fretes */
    public function testFrete(int $a, int $b): void { $this->assertSame($b, $a + 1); }
    public function fretes(): array { return [[1, 2], 'longe' => [2, 5]]; }
}
"""
_EXUNIT = """\
ExUnit.start(seed: 0)
defmodule PedidoTest do
  use ExUnit.Case
  test "soma o frete" do assert 1 + 1 == 2 end
  test "calcula o total" do assert 100 == 90 end
  @tag :skip
  test "desconto por vir" do assert false end
  describe "cancelado" do
    test "nao cobra" do raise ArgumentError, "sem pedido" end
  end
end
"""

SUITES = [
    Suite(
        name="rspec",
        files={"spec/a_spec.rb": _RSPEC},
        command="rspec -f p -f j -o report.json",
        report="rspec:report.json",
    ),
    Suite(
        name="rspec/documentation",
        files={"spec/a_spec.rb": _RSPEC},
        command="rspec -f d -f j -o report.json",
        report="rspec:report.json",
    ),
    Suite(
        name="minitest",
        files={"a_test.rb": _MINITEST},
        command="ruby a_test.rb --seed 1",
        report="told: 1 failed, 1 passed, 1 skipped, 1 errored:"
        " PedidoTest#test_total; PedidoTest#test_cancelado",
    ),
    Suite(
        name="phpunit",
        files={"PedidoTest.php": _PHPUNIT},
        command="phpunit --log-junit report.xml PedidoTest.php",
        report="junit:report.xml",
    ),
    Suite(
        name="phpunit/testdox",
        files={"PedidoTest.php": _PHPUNIT},
        command="phpunit --testdox --log-junit report.xml PedidoTest.php",
        report="told: 2 failed, 2 passed, 2 skipped, 1 errored",
    ),
    Suite(
        name="exunit",
        files={"a_test.exs": _EXUNIT},
        command="elixir a_test.exs",
        report="told: 2 failed, 1 passed, 1 skipped:"
        " test calcula o total (PedidoTest); test cancelado nao cobra (PedidoTest)",
    ),
]
