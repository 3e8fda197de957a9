// The work that fails: where each error is thrown is what the logs must tell.
function soma() {
  throw new TypeError('sem preço');
}

function frete() {
  throw new RangeError('sem frete');
}

function pedido() {
  try {
    frete();
  } catch (cause) {
    throw new Error('pedido 12 recusado', { cause });
  }
}

function caught(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
}

module.exports = { soma: () => caught(soma), pedido: () => caught(pedido) };
