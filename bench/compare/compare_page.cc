// The HTML form of the comparison: a template with its script, its data and the plot library in it.
#include <string_view>

#include "bench/compare/compare_report.h"

namespace turbospec {
// Made from the files of the same names at build time (cmake/EmbedText.cmake).
extern const std::string_view kComparePageHtml;
extern const std::string_view kComparePageScript;
extern const std::string_view kUplotScript;
extern const std::string_view kUplotStyle;
}  // namespace turbospec

namespace turbospec::compare {
namespace {

void Replace(std::string& page, std::string_view marker, std::string_view text) {
  const std::size_t at = page.find(marker);
  if (at != std::string::npos) page.replace(at, marker.size(), text);
}

// Inside <script> only "</script" could end it; "<\/" is the same text to JSON.
std::string ForScript(const nlohmann::json& data) {
  std::string text = data.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  for (std::size_t at = text.find("</"); at != std::string::npos; at = text.find("</", at + 3)) {
    text.replace(at, 2, "<\\/");
  }
  return text;
}

}  // namespace

std::string ReportHtml(const Grid& grid, const CompareReport& report) {
  std::string page(kComparePageHtml);
  Replace(page, "/*UPLOT_STYLE*/", kUplotStyle);
  Replace(page, "/*UPLOT_SCRIPT*/", kUplotScript);
  Replace(page, "/*PAGE_SCRIPT*/", kComparePageScript);
  Replace(page, "/*DATA*/", ForScript(ReportJson(grid, report)));
  return page;
}

}  // namespace turbospec::compare
