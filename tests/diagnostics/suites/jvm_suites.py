"""Suites of the build tools of the JVM, with JUnit 4 as Debian packs it."""

from tests.diagnostics.suites.suite import Suite

_FRETE = """\
package loja;

public class Frete {
  public static int soma(int a, int b) { return a - b; }
  public static int prazo(String uf) { throw new IllegalStateException("sem prazo para " + uf); }
}
"""
_FRETE_TEST = """\
package loja;

import static org.junit.Assert.assertEquals;
import org.junit.Ignore;
import org.junit.Test;

public class FreteTest {
  @Test public void soma() { assertEquals(3, Frete.soma(1, 2)); }
  @Test public void prazo() { Frete.prazo("AM"); }
  @Test public void passa() { assertEquals(1, 1); }
  @Ignore("por vir") @Test public void depois() { }
}
"""
_PAR_TEST = """\
package loja;

import static org.junit.Assert.assertEquals;
import java.util.Arrays;
import java.util.Collection;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

@RunWith(Parameterized.class)
public class ParTest {
  @Parameterized.Parameters public static Collection<Object[]> numeros() {
    return Arrays.asList(new Object[][] {{1}, {2}});
  }
  int numero;
  public ParTest(int numero) { this.numero = numero; }
  @Test public void par() { assertEquals(0, numero % 2); }
}
"""
_GRADLE = """\
apply plugin: 'java'
dependencies {
  testCompile files('/usr/share/java/junit4.jar', '/usr/share/java/hamcrest-core.jar')
}
"""
_LOGGING = 'test { testLogging { events "passed", "failed", "skipped"; exceptionFormat "full" } }\n'
_FILES = {
    "build.gradle": _GRADLE,
    "src/main/java/loja/Frete.java": _FRETE,
    "src/test/java/loja/FreteTest.java": _FRETE_TEST,
    "src/test/java/loja/ParTest.java": _PAR_TEST,
}
_COMMAND = "gradle --offline --no-daemon test"
_REPORT = "junit_classes:build/test-results/test"

SUITES = [
    Suite(name="gradle", files=_FILES, command=_COMMAND, report=_REPORT),
    Suite(
        name="gradle/full",
        files=_FILES | {"build.gradle": _GRADLE + _LOGGING},
        command=_COMMAND,
        report=_REPORT,
    ),
    Suite(
        name="gradle/passing",
        files=_FILES
        | {
            "src/main/java/loja/Frete.java": _FRETE.replace("a - b", "a + b").replace(
                'throw new IllegalStateException("sem prazo para " + uf)', "return 1"
            ),
            "src/test/java/loja/ParTest.java": _PAR_TEST.replace("{1}", "{4}"),
        },
        command=_COMMAND,
        report=_REPORT,
    ),
]
