// The compiled part of Asio, once, so that the sources that use it stay quick to compile.
#include <boost/asio/impl/src.hpp>
