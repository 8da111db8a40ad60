// Whether bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. libllama
// assumes it of every text it is given. Pure; one look at every byte.
#pragma once

#include <string_view>

namespace turbospec {

bool IsUtf8(std::string_view text);

}  // namespace turbospec
